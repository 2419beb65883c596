"""What the charts ask the warehouse."""

from datetime import date
from pathlib import Path

import pytest

from dealwire.warehouse import charts, hardware, load, queries
from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.listing import Wanted
from schemas import CompanyMention, DealKind, DealStatus, ModelMention
from tests.warehouse import samples


def test_the_map_has_the_companies_with_most_money_first(filled_once: Path) -> None:
    with Warehouse(filled_once).read() as con:
        found = charts.drawn(con, Wanted())
        assert found.companies == ["AMD", "OpenAI", "Zeta", "Alpha", "Beta", "Delta", "Gamma"]
        assert (found.deals, found.of, len(found.rows)) == (5, 7, 5)
        few = charts.drawn(con, Wanted(), most=2)
    assert few.companies == ["AMD", "OpenAI"]
    assert [row["deal_id"] for row in few.rows] == ["d-chips", "d-stake"]
    assert (few.deals, few.of) == (5, 7)


@pytest.mark.parametrize(
    ("wanted", "deals"),
    [
        (Wanted(company="zeta"), ["d-cloud", "d-round"]),
        (Wanted(kind=DealKind.PARTNERSHIP), ["d-talks"]),
        (Wanted(status=DealStatus.PLANNED), ["d-talks"]),
        (Wanted(until=date(2025, 11, 15)), ["d-chips", "d-stake"]),
        (Wanted(since=date(2025, 11, 16), min_usd=1e9), ["d-round"]),
        (Wanted(confirmed=True), ["d-chips"]),
        (Wanted(min_confidence=0.9), []),
        (Wanted(status=DealStatus.ENDED), []),
    ],
)
def test_filters_choose_the_deals_of_the_map(filled_once: Path, wanted: Wanted, deals: list[str]) -> None:
    with Warehouse(filled_once).read() as con:
        assert [row["deal_id"] for row in charts.drawn(con, wanted).rows] == deals


def test_ended_deals_are_drawn_only_if_asked_for(filled: Warehouse) -> None:
    with filled.write() as con:
        con.execute("UPDATE deals SET status = 'ended' WHERE deal_id = 'd-cloud'")
    with filled.read() as con:
        assert "d-cloud" not in [row["deal_id"] for row in charts.drawn(con, Wanted()).rows]
        assert [row["deal_id"] for row in charts.drawn(con, Wanted(status=DealStatus.ENDED)).rows] == ["d-cloud"]


def test_a_deal_is_told_by_its_best_sentence(filled: Warehouse) -> None:
    with filled.write() as con:
        con.execute("DELETE FROM deal_sources WHERE deal_id = 'd-stake'")
    with filled.read() as con:
        found = {row["deal_id"]: row for row in charts.told(con, ["d-chips", "d-stake", "gone"])}
        assert charts.told(con, []) == []
    assert found["d-chips"]["evidence"].startswith("OpenAI agreed to purchase up to $90 billion")
    assert found["d-chips"]["site"] == "paper.example"
    assert found["d-stake"]["evidence"] is None
    assert "gone" not in found


def test_loops_among_all_companies_are_those_of_the_view(filled_once: Path) -> None:
    with Warehouse(filled_once).read() as con:
        names = charts.drawn(con, Wanted()).companies
        assert charts.circles_among(con, names) == queries.circles(con)
        assert [row["companies"] for row in charts.circles_among(con, ["AMD", "OpenAI", "Zeta"])] == [["AMD", "OpenAI"]]
        assert charts.circles_among(con, names, most_flows=1) == []
        assert charts.circles_among(con, []) == []


def test_companies_are_listed_with_what_they_pay_and_get(filled_once: Path) -> None:
    with Warehouse(filled_once).read() as con:
        rows = charts.companies(con)
        assert [(row["name"], row["usd_in"], row["usd_out"], row["deals"]) for row in rows[:4]] == [
            ("AMD", 90e9, None, 2),
            ("OpenAI", None, 90e9, 2),
            ("Zeta", 2e9, 0.5e9, 2),
            ("Alpha", 0.5e9, None, 2),
        ]
        assert {row["found"] for row in rows} == {7}
        assert [row["name"] for row in charts.companies(con, search="open a")] == ["OpenAI"]
        assert [row["name"] for row in charts.companies(con, kind="chips")] == ["AMD"]
        assert [row["name"] for row in charts.companies(con, by="name", limit=2, offset=1)] == ["AMD", "Beta"]


def test_a_company_is_found_by_name_alias_and_id(filled_once: Path) -> None:
    with Warehouse(filled_once).read() as con:
        for name in ("OpenAI", "openai", "open ai"):
            found = charts.company(con, name)
            assert found is not None
            assert (found["name"], found["kind"], found["articles"]) == ("OpenAI", "lab", 2)
        assert charts.company(con, "nobody") is None
        assert [row["deal_id"] for row in charts.deals_of(con, "Zeta")] == ["d-cloud", "d-round"]
        assert [(row["title"], row["found"]) for row in charts.articles_naming(con, "zeta")] == [
            (samples.THIRD.title, 1)
        ]


def test_a_company_is_named_with_its_own_products_and_those_in_its_deals(filled_once: Path) -> None:
    with Warehouse(filled_once).read() as con:
        found = [(row["what"], row["name"], row["own"], row["deals"]) for row in charts.products_of(con, "OpenAI")]
    assert found == [("chip", "AMD Instinct MI450", False, 1), ("model", "GPT-5", True, 0)]


def test_a_chip_is_bought_by_who_pays_in_a_sentence_that_names_it(filled_once: Path) -> None:
    with Warehouse(filled_once).read() as con:
        found = hardware.chips_bought(con)
        assert [(row["buyer"], row["chip"], row["direct"], row["through"]) for row in found] == [
            ("OpenAI", "AMD Instinct MI450", True, [])
        ]
        assert hardware.named_by_month(con, "chip") == [("AMD Instinct MI450", date(2025, 11, 1), 1)]
        assert [row["model"] for row in hardware.models_named(con)] == ["GPT-5"]


@pytest.mark.parametrize(
    ("sentence", "offered"),
    [
        ("Claude is available on Azure.", True),
        ("Azure customers get Claude.", True),
        ("Claude beat what Azure has built.", False),
        ("Claude is available everywhere. Few of them work on Azure.", False),
        ("Azure is older than Claude, which is available.", False),
    ],
)
def test_a_model_is_offered_where_a_sentence_says_so(warehouse: Warehouse, sentence: str, offered: bool) -> None:
    told = samples.article("wire.example", "News", sentence)
    model = samples.find(ModelMention, told, "Claude", model_id="claude", name="Claude", developer="Anthropic")
    place = samples.find(CompanyMention, told, "Azure", company_id="microsoft", name="Microsoft", known=True)
    outcomes = [samples.Outcome(samples.MODELS, [model]), samples.Outcome(samples.COMPANIES, [place])]
    with warehouse.write() as con:
        load.store_articles(con, [told])
        load.store_outcomes(con, [(told.article_id, outcomes)])
    with warehouse.read() as con:
        found = [(row["model"], row["company"]) for row in hardware.models_offered(con)]
    assert found == ([("Claude", "Microsoft")] if offered else [])
