"""Spans that are spoken for are found whatever their number and order."""

from hypothesis import given
from hypothesis import strategies as st

from extractors.spans import Taken, covers, touches

spans = st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda one: (one[0], one[0] + one[1]))


@given(st.lists(spans, max_size=12), spans)
def test_taken_agrees_with_looking_at_each(others: list[tuple[int, int]], one: tuple[int, int]) -> None:
    assert Taken(others).touches(*one) == touches(one, others)


def test_a_span_covers_itself_and_what_lies_inside() -> None:
    assert covers((2, 9), (2, 9))
    assert covers((2, 9), (3, 5))
    assert not covers((2, 9), (1, 5))
