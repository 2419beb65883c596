"""Bands of money never run in a circle, and what is left out for that is told."""

import networkx
from hypothesis import given
from hypothesis import strategies as st

from dealwire.web.drawing import sankey
from dealwire.web.drawing.sankey import Flow
from tests.web.drawing.rows import companies, deal

some_flows = st.lists(
    st.builds(Flow, companies, companies, st.integers(1, 5).map(float)),
    max_size=25,
    unique_by=lambda flow: (flow.payer, flow.payee),
)


def _graph(flows: tuple[Flow, ...]) -> networkx.DiGraph:
    return networkx.DiGraph([(flow.payer, flow.payee) for flow in flows])


@given(some_flows)
def test_what_is_drawn_has_no_loop_and_nothing_is_lost_untold(flows: list[Flow]) -> None:
    found = sankey.bands(flows, most=100)
    assert networkx.is_directed_acyclic_graph(_graph(found.flows))
    assert sorted((*found.flows, *found.broken)) == sorted(flows)
    assert sum(flow.usd for flow in found.flows) + found.broken_usd == sum(flow.usd for flow in flows)


@given(some_flows)
def test_what_is_left_out_is_the_smallest_of_a_loop(flows: list[Flow]) -> None:
    kept, broken = sankey.acyclic(flows)
    for one in broken:
        as_large = tuple(flow for flow in kept if flow.usd >= one.usd)
        assert one.payer == one.payee or networkx.has_path(_graph(as_large), one.payee, one.payer)


@given(some_flows, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(flows: list[Flow], random: object) -> None:
    mixed = list(flows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert sankey.acyclic(mixed) == sankey.acyclic(flows)


@given(some_flows, st.integers(0, 8))
def test_small_flows_that_find_no_room_are_summed(flows: list[Flow], most: int) -> None:
    found = sankey.bands(flows, most=most)
    assert len(found.flows) + len(found.broken) == min(most, len(flows))
    assert found.small == len(flows) - min(most, len(flows))
    assert sum(flow.usd for flow in (*found.flows, *found.broken)) + found.small_usd == sum(flow.usd for flow in flows)


def test_the_smaller_way_of_a_loop_of_two_is_left_out() -> None:
    found = sankey.bands(sankey.flows([deal("A", "B", 100), deal("B", "A", 90), deal("B", "A", 5, kind="purchase")]))
    assert found.flows == (Flow("A", "B", 100),)
    assert found.broken == (Flow("B", "A", 95),)


def test_a_shared_sum_flows_once_from_several_together() -> None:
    assert sankey.flows([deal("AB", "C", 10), deal("AD", "C", 5)]) == [Flow(f"{sankey.SEVERAL} (paying)", "C", 15)]


def test_deals_without_amount_or_direction_carry_nothing() -> None:
    assert sankey.flows([deal("A", "B"), deal("A", "B", 10, kind="partnership")]) == []
