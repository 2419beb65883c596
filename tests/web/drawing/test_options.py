"""What charts are told to draw: names are inert, widths and places follow the money."""

import json
from typing import Any

from dealwire.web.drawing import data, graph, options, sankey, series
from tests.web.drawing.rows import deal

EVIL = "<img src=x onerror=alert(1)>{a}"


def _hints(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [v for k, v in value.items() if k == "formatter"] + [h for v in value.values() for h in _hints(v)]
    return [h for v in value for h in _hints(v)] if isinstance(value, list) else []


def _drawn(rows: list[dict[str, Any]], companies: list[str]) -> tuple[graph.Graph, options.Options]:
    given = graph.graph(rows, companies)
    return given, options.map_options(given, options.places(given), {})


def test_a_name_with_script_in_it_is_text_in_every_hint() -> None:
    row = deal("A", "B", 10) | {"payers": [EVIL]}
    _, drawn = _drawn([row], [EVIL, "B"])
    bands = options.bands_options(sankey.bands(sankey.flows([row])), {EVIL: EVIL})
    hints = _hints(drawn) + _hints(bands)
    assert sum("&lt;img" in hint for hint in hints) == 4
    assert not any("<img" in hint for hint in hints)
    # What is sent to the browser is data alone, no script.
    assert json.loads(json.dumps([drawn, bands])) == [drawn, bands]


def test_more_money_makes_wider_arrows_and_larger_companies() -> None:
    _, drawn = _drawn([deal("A", "B", 1e9), deal("C", "D", 1e11), deal("E", "F")], list("ABCDEF"))
    widths = {link["source"]: link["lineStyle"]["width"] for link in drawn["series"][0]["links"]}
    sizes = {node["name"]: node["symbolSize"] for node in drawn["series"][0]["data"]}
    assert widths["E"] < widths["A"] < widths["C"]
    assert sizes["E"] < sizes["A"] < sizes["C"]


def test_a_kind_without_direction_has_no_arrow_head() -> None:
    _, drawn = _drawn([deal("A", "B", kind="partnership"), deal("A", "C")], list("ABC"))
    assert [link["symbol"][1] for link in drawn["series"][0]["links"]] == ["none", "arrow"]


def test_arrows_between_the_same_two_companies_do_not_lie_on_each_other() -> None:
    rows = [deal("A", "B"), deal("A", "B", kind="purchase"), deal("B", "A"), deal("A", "B", kind="partnership")]
    _, drawn = _drawn(rows, list("AB"))
    # The way back is drawn from the other end, so its bend counts the other way round.
    bends = [
        link["lineStyle"]["curveness"] * (1 if link["source"] == "A" else -1) for link in drawn["series"][0]["links"]
    ]
    assert len(set(bends)) == 4


def test_companies_stand_still_while_the_years_are_played() -> None:
    given = graph.graph([deal("A", "B", 10), deal("B", "C", 5)], list("ABC"))
    where = options.places(given)
    before = options.map_options(
        graph.until(given, given.nodes[0].parts[0].on.replace(year=2000)), where, {}, most=given
    )
    after = options.map_options(given, where, {}, most=given)
    places = [[(node["name"], node["x"], node["y"]) for node in one["series"][0]["data"]] for one in (before, after)]
    assert places[0] == places[1]
    assert before["series"][0]["links"] == []


def test_what_a_company_pays_goes_down() -> None:
    drawn = options.money_options(series.money([deal("A", "B", 2e9), deal("B", "A", 1e9)], "A"))
    assert [(one["name"], one["data"]) for one in drawn["series"]] == [("gets", [1.0]), ("pays", [-2.0])]
    assert drawn["yAxis"]["name"] == "US dollars, billions"


def test_no_cell_of_a_file_is_a_formula() -> None:
    rows = [{"company": "=cmd()", "usd": 2e9, "ids": ["@x", "y"], "none": None}]
    assert data.as_csv(rows).splitlines() == ["company,usd,ids,none", "'=cmd(),2000000000,'@x y,"]
    assert data.as_csv([]) == ""
