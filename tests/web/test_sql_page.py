"""The SQL page in a browser, and what it is made of."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from dealwire.web import questions
from tests.web.conftest import Visit, serious

DOCS = Path(__file__).parents[2] / "docs"
# A question costs a process, and the machine may be slow.
expect.set_options(timeout=60_000)


def test_its_questions_are_those_of_the_cookbook() -> None:
    taken = questions.taken_from((DOCS / "cookbook.md").read_text(encoding="utf-8"))
    file = Path(questions.__file__).with_name("questions.sql").read_text(encoding="utf-8")
    assert file == taken, "run: python -m dealwire.web.questions docs/cookbook.md > dealwire/web/questions.sql"
    assert len(questions.questions()) >= 12
    assert all(one.query.startswith(("SELECT", "WITH", "FROM")) for one in questions.questions())


@pytest.mark.parametrize(
    ("names", "rows", "kind", "series"),
    [
        (["payer", "usd"], [["A", 5], ["B", "90000000000.5"]], "bar", ["usd"]),
        (["month", "n", "usd"], [["2025-02-01", 1, 2.5], ["2025-01-01", 3, None]], "line", ["n", "usd"]),
        (["usd", "n"], [[1, 2], [3, 4]], None, []),
        (["name", "kind"], [["a", "b"], ["c", "d"]], None, []),
        (["name", "n"], [["a", 1]], None, []),
        (["names", "n"], [[["a"], 1], [["b"], 2]], None, []),
    ],
)
def test_numbers_over_names_or_days_are_drawn(
    names: list[str], rows: list[list[object]], kind: str | None, series: list[str]
) -> None:
    from dealwire.web.pages.sql import chart_of

    chart = chart_of(names, rows)
    assert (chart["series"][0]["type"] if chart else None) == kind
    assert [one["name"] for one in chart["series"]] == series if chart else not series
    if kind == "line":
        assert chart is not None
        assert chart["xAxis"]["data"] == ["2025-01-01", "2025-02-01"]


def test_a_question_is_asked_shown_kept_in_the_address_and_downloaded(visit: Visit) -> None:
    tab = visit.go("/sql")
    editor = tab.get_by_role("textbox", name="Question in SQL")
    editor.click()
    tab.keyboard.press("Control+a")
    tab.keyboard.insert_text("SELECT kind, count(*) AS deals FROM deals GROUP BY kind ORDER BY kind")
    tab.keyboard.press("Control+Enter")
    answer = tab.get_by_role("region", name="Answer")
    expect(answer.get_by_text("rows.")).to_be_visible()
    expect(answer.get_by_role("columnheader", name="deals")).to_be_visible()
    assert serious(tab) == []
    assert "query=SELECT+kind" in tab.url or "query=SELECT%20kind" in tab.url
    with tab.expect_download() as loaded:
        answer.get_by_role("link", name="JSON").click()
    told = json.loads(Path(loaded.value.path()).read_text("utf-8"))
    assert list(told[0]) == ["kind", "deals"]
    answer.get_by_text("Chart").click()
    expect(answer.locator("canvas, svg").first).to_be_visible()
    # The address alone asks again.
    tab.reload()
    visit.shown()
    expect(tab.get_by_role("region", name="Answer").get_by_role("columnheader", name="deals")).to_be_visible()


def test_what_is_refused_is_said_in_words(visit: Visit) -> None:
    tab = visit.go(f"/sql?query={quote('DROP TABLE deals')}")
    expect(tab.get_by_role("alert")).to_contain_text("give one SELECT; nothing can be changed here")


def test_names_of_tables_and_columns_are_completed(visit: Visit) -> None:
    tab = visit.go("/sql")
    editor = tab.get_by_role("textbox", name="Question in SQL")
    editor.click()
    tab.keyboard.press("Control+a")
    tab.keyboard.type("SELECT * FROM money_fl")
    expect(tab.locator(".cm-tooltip-autocomplete").get_by_text("money_flows")).to_be_visible()
    # Keys pressed right after a list has come up are not meant for it.
    tab.wait_for_timeout(300)
    tab.keyboard.press("Enter")
    tab.keyboard.type(" WHERE round_am")
    expect(tab.locator(".cm-tooltip-autocomplete").get_by_text("round_amount_max")).to_be_visible()


def test_a_question_of_the_cookbook_and_the_tables_are_beside_it(visit: Visit) -> None:
    tab = visit.go("/sql")
    tab.get_by_role("link", name="Deals that more than one outlet tells").click()
    visit.shown()
    expect(tab.get_by_role("region", name="Answer").get_by_role("status").first).to_be_visible()
    tab.locator("aside summary").get_by_text("deal_overview").click()
    expect(tab.locator("aside").get_by_text("The sentence of that article that states the deal.").first).to_be_visible()
