"""Months, quarters or years, and what falls into each."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwire.web.drawing import series
from dealwire.web.drawing.periods import periods, place
from tests.web.drawing.rows import deal

some_days = st.lists(st.dates(date(1990, 1, 1), date(2040, 12, 31)), min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("first", "last", "names"),
    [
        (date(2025, 11, 30), date(2026, 1, 1), ["Nov 2025", "Dec 2025", "Jan 2026"]),
        (date(2025, 2, 28), date(2025, 2, 28), ["Feb 2025"]),
        (date(2023, 12, 31), date(2026, 1, 1), ["Q4 2023", "Q1 2024", "Q2 2024", "Q3 2024"]),
        (date(2010, 5, 1), date(2026, 1, 1), ["2010", "2011", "2012", "2013"]),
    ],
)
def test_a_chart_is_cut_into_the_shortest_periods_that_can_be_told_apart(
    first: date, last: date, names: list[str]
) -> None:
    assert [one.name for one in periods([last, first])][:4] == names


@given(some_days)
def test_every_day_lies_in_its_period_and_periods_leave_no_gap(days: list[date]) -> None:
    cut = periods(days)
    assert all(cut[place(cut, day)].first <= day <= cut[place(cut, day)].last for day in days)
    assert all(later.first - earlier.last == timedelta(days=1) for earlier, later in pairwise(cut))


def test_without_days_there_are_no_periods() -> None:
    assert periods([]) == []


def test_money_in_and_out_is_summed_by_period() -> None:
    rows = [
        deal("A", "B", 10, announced_on=date(2025, 1, 31)),
        deal("A", "B", 5, announced_on=date(2025, 1, 1)),
        deal("B", "A", 7, announced_on=date(2025, 3, 1)),
    ]
    found = series.money(rows, "A")
    assert [one.name for one in found.periods] == ["Jan 2025", "Feb 2025", "Mar 2025"]
    assert (found.usd_in, found.usd_out, found.unknown) == ((0, 0, 7), (15, 0, 0), 0)


def test_a_share_of_a_round_is_not_known() -> None:
    rows = [deal("AB", "C", 10), deal("A", "C"), deal("A", "B", 3, kind="partnership")]
    assert series.money(rows, "A").usd_out == (0,)
    assert series.money(rows, "A").unknown == 3
    assert series.money(rows[:1], "C").usd_in == (10,)


def test_the_names_told_of_most_are_counted_by_period() -> None:
    rows = [
        ("B", date(2025, 1, 1), 1),
        ("A", date(2025, 1, 1), 2),
        ("A", date(2025, 2, 1), 3),
        ("C", date(2025, 2, 1), 9),
    ]
    assert series.counts(rows, most=2).counts == {"C": (0, 9), "A": (2, 3)}
