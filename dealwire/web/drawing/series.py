"""What happens over time: sums and counts a period."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from dealwire.web.drawing.periods import Period, periods, place

Row = Mapping[str, Any]


class Money(NamedTuple):
    """What a company gets and pays in each period, in US dollars; `unknown` of its deals state no sum of its own."""

    periods: tuple[Period, ...]
    usd_in: tuple[float, ...]
    usd_out: tuple[float, ...]
    unknown: int


class Counts(NamedTuple):
    """How often each name is told of in each period; the names told most often first."""

    periods: tuple[Period, ...]
    counts: Mapping[str, tuple[int, ...]]


def money(rows: Iterable[Row], company: str) -> Money:
    """What the rows of deals (as for `graph`) bring the company and cost it; a shared sum counts for who is alone."""
    told = list(rows)
    cut = periods(row["announced_on"] for row in told)
    into, out, unknown = [0.0] * len(cut), [0.0] * len(cut), 0
    for row in told:
        at, usd = place(cut, row["announced_on"]), float(row["usd"] or 0)
        pays, gets = list(row["payers"]) == [company], list(row["payees"]) == [company]
        out[at] += usd if pays else 0
        into[at] += usd if gets else 0
        unknown += not usd or not (pays or gets)
    return Money(tuple(cut), tuple(into), tuple(out), unknown)


def counts(rows: Iterable[tuple[str, date, int]], *, most: int = 8) -> Counts:
    """Sums of (name, day, times) a period, of the `most` names with most."""
    told = list(rows)
    totals: dict[str, int] = defaultdict(int)
    for name, _, times in told:
        totals[name] += times
    names = sorted(totals, key=lambda name: (-totals[name], name))[:most]
    cut = periods(day for name, day, _ in told if name in totals)
    found = {name: [0] * len(cut) for name in names}
    for name, day, times in told:
        if name in found:
            found[name][place(cut, day)] += times
    return Counts(tuple(cut), {name: tuple(values) for name, values in found.items()})
