"""Companies on the map stand apart, near those they deal with, and where they stood before."""

from itertools import combinations
from math import dist

from hypothesis import given, settings
from hypothesis import strategies as st

from dealwire.web.drawing.layout import layout


@settings(max_examples=15)
@given(st.lists(st.floats(10, 60), min_size=2, max_size=25), st.data())
def test_no_two_companies_stand_on_each_other(sizes: list[float], data: st.DataObject) -> None:
    nodes = st.integers(0, len(sizes) - 1)
    pairs = data.draw(st.lists(st.tuples(nodes, nodes), max_size=40))
    at = layout(sizes, pairs)
    assert all(
        dist(at[one], at[other]) > (sizes[one] + sizes[other]) / 2 for one, other in combinations(range(len(at)), 2)
    )
    assert layout(sizes, pairs) == at


def test_companies_that_deal_stand_nearer_than_those_that_do_not() -> None:
    at = layout([20] * 10, [(0, 9), (1, 8)])
    assert dist(at[0], at[9]) < dist(at[0], at[8])
    assert dist(at[1], at[8]) < dist(at[1], at[9])


def test_one_company_or_none_stands_in_the_middle() -> None:
    assert layout([], []) == []
    assert layout([20], [(0, 0)]) == [(0.0, 0.0)]
