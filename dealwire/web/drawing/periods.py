"""Periods of a chart: months, quarters or years, as many as can be told apart."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

_MOST = 24


class Period(NamedTuple):
    """A stretch of time with its name: `Nov 2025`, `Q4 2025`, `2025`; both days are in it."""

    name: str
    first: date
    last: date


def periods(days: Iterable[date], *, most: int = _MOST) -> list[Period]:
    """The periods from the first to the last of the days, without a gap: months, else quarters, else years.

    The shortest of which there are `most` at most, or years however many. Without days there is none.
    """
    given = list(days)
    if not given:
        return []
    first, last = min(given), max(given)
    found: list[Period] = []
    for months in (1, 3, 12):
        found = _cut(first, last, months)
        if len(found) <= most:
            break
    return found


def place(cut: list[Period], day: date) -> int:
    """Which of the periods a day lies in; the last one before it, if it lies in none."""
    return max(bisect_right(cut, day, key=lambda one: one.first) - 1, 0)


def _cut(first: date, last: date, months: int) -> list[Period]:
    start = date(first.year, (first.month - 1) // months * months + 1, 1)
    found = []
    while start <= last:
        after = start.year * 12 + start.month - 1 + months
        begins = date(after // 12, after % 12 + 1, 1) if after // 12 <= date.max.year else None
        ends = begins - timedelta(days=1) if begins else date.max
        found.append(Period(_name(start, months), start, ends))
        if begins is None:
            break
        start = begins
    return found


def _name(start: date, months: int) -> str:
    if months == 12:
        return str(start.year)
    return f"Q{(start.month + 2) // 3} {start.year}" if months == 3 else f"{start:%b} {start.year}"
