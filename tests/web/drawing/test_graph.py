"""The map counts a sum once, and marks what runs in a circle."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dealwire.web.drawing import graph
from dealwire.web.drawing.loops import pairs_on_loops
from tests.web.drawing.rows import DAY, amounts, companies, deal


def drawn(rows: list[dict[str, Any]], companies: str = "ABCDEFG") -> graph.Graph:
    return graph.graph(rows, companies)


def test_a_company_is_as_large_as_the_money_that_it_gets_and_pays() -> None:
    found = drawn([deal("A", "B", 10), deal("A", "C", 5), deal("B", "A", 1, kind="purchase")])
    assert [(node.name, node.usd_in, node.usd_out) for node in found.nodes if node.parts] == [
        ("A", 1, 15),
        ("B", 10, 1),
        ("C", 5, 0),
    ]


def test_a_round_is_counted_once_for_who_gets_it_and_no_arrow_carries_it() -> None:
    found = drawn([deal("AB", "C", 100)], "ABC")
    assert {node.name: (node.usd_in, node.usd_out) for node in found.nodes} == {"A": (0, 0), "B": (0, 0), "C": (100, 0)}
    assert [(arrow.source, arrow.target, arrow.usd, arrow.legs[0].shared_usd) for arrow in found.arrows] == [
        ("A", "C", 0, 100),
        ("B", "C", 0, 100),
    ]


def test_deals_of_one_kind_and_direction_are_one_arrow() -> None:
    found = drawn([deal("A", "B", 10), deal("A", "B", 20), deal("A", "B", 40, kind="purchase")])
    assert [(arrow.kind, arrow.usd, len(arrow.legs)) for arrow in found.arrows] == [
        ("investment", 30, 2),
        ("purchase", 40, 1),
    ]


def test_a_kind_without_direction_ties_each_two_of_its_companies() -> None:
    found = drawn([deal("CA", "B", 5, kind="partnership")])
    assert [(arrow.source, arrow.target, arrow.directed) for arrow in found.arrows] == [
        ("A", "B", False),
        ("A", "C", False),
        ("B", "C", False),
    ]
    assert all(node.usd_in == node.usd_out == 0 for node in found.nodes)


def test_deals_with_companies_that_are_not_drawn_count_for_those_that_are() -> None:
    found = drawn([deal("A", "B", 10), deal("C", "D", 1), deal("A", "C", 2)], "AB")
    assert [(node.name, node.usd_out) for node in found.nodes] == [("A", 12), ("B", 0)]
    assert graph.deals(found) == 1


def test_only_money_runs_in_a_circle() -> None:
    rows = [deal("A", "B", 10), deal("B", "C"), deal("C", "A", 5, kind="purchase"), deal("A", "D", kind="partnership")]
    found = drawn(rows)
    assert {(arrow.source, arrow.target) for arrow in found.arrows if arrow.looped} == {
        ("A", "B"),
        ("B", "C"),
        ("C", "A"),
    }
    assert [node.name for node in found.nodes if node.looped] == ["A", "B", "C"]
    ended = drawn([*rows[:2], deal("C", "A", 5, status="ended")])
    assert not any(arrow.looped for arrow in ended.arrows)


def test_a_loop_closes_on_the_day_of_its_last_deal() -> None:
    whole = drawn([deal("A", "B", 10), deal("B", "A", 5, announced_on=DAY + timedelta(days=30))], "AB")
    assert all(arrow.looped for arrow in whole.arrows)
    before = graph.until(whole, DAY)
    assert [(arrow.source, arrow.looped, len(arrow.legs)) for arrow in before.arrows] == [
        ("A", False, 1),
        ("B", False, 0),
    ]
    assert [(node.name, node.usd_in) for node in before.nodes] == [("A", 0), ("B", 10)]
    assert graph.until(whole, DAY + timedelta(days=30)) == whole


@given(
    st.lists(
        st.tuples(st.sets(companies, min_size=1), st.sets(companies, min_size=1), amounts, st.integers(0, 900)),
        max_size=12,
    )
)
def test_no_sum_is_counted_twice(told: list[tuple[set[str], set[str], float | None, int]]) -> None:
    rows = [
        deal("".join(sorted(one)), "".join(sorted(other)), usd, deal_id=str(at), announced_on=DAY + timedelta(days=day))
        for at, (one, other, usd, day) in enumerate(told)
    ]
    whole = drawn(rows)
    assert sum(node.usd_in for node in whole.nodes) <= sum(row["usd"] or 0 for row in rows)
    assert sum(arrow.usd for arrow in whole.arrows) <= sum(row["usd"] or 0 for row in rows)
    assert graph.until(whole, date.max) == whole
    assert not any(arrow.legs for arrow in graph.until(whole, date.min).arrows)


@given(st.sets(st.tuples(companies, companies), max_size=20))
def test_a_pair_is_on_a_loop_if_money_can_come_back(paid: set[tuple[str, str]]) -> None:
    def back(start: str, end: str, left: int) -> bool:
        return start == end or (left > 0 and any(back(payee, end, left - 1) for payer, payee in paid if payer == start))

    wanted = {(payer, payee) for payer, payee in paid if payer != payee and back(payee, payer, 4)}
    assert pairs_on_loops(paid) == wanted
