"""The flow of money as bands. They cannot run in a circle, so of each loop the smallest flow is left out, and told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Row = Mapping[str, Any]
SEVERAL = "several together"
"""Stands for the companies that share one sum, of which nobody says who pays how much."""


class Flow(NamedTuple):
    """What one company pays another, in US dollars."""

    payer: str
    payee: str
    usd: float


class Bands(NamedTuple):
    """The flows to draw, largest first; those that would close a loop; and how many more there was no room for."""

    flows: tuple[Flow, ...]
    broken: tuple[Flow, ...] = ()
    small: int = 0
    small_usd: float = 0

    @property
    def broken_usd(self) -> float:
        """The sum of what is left out because it would close a loop."""
        return sum(flow.usd for flow in self.broken)


def flows(rows: Iterable[Row]) -> list[Flow]:
    """What each company pays each other, summed over the rows of deals (as for `graph`), largest first.

    Sums that several companies share flow from or to `SEVERAL`. Deals without an amount or direction carry nothing.
    """
    summed: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows:
        payers, payees = row["payers"], row["payees"]
        if not row["usd"] or not payers or not payees:
            continue
        payer = payers[0] if len(payers) == 1 else f"{SEVERAL} (paying)"
        payee = payees[0] if len(payees) == 1 else f"{SEVERAL} (paid)"
        summed[payer, payee] += float(row["usd"])
    return sorted((Flow(payer, payee, usd) for (payer, payee), usd in summed.items()), key=_largest_first)


def bands(given: Iterable[Flow], *, most: int = 40) -> Bands:
    """The `most` largest flows without those that close a loop."""
    ranked = sorted(given, key=_largest_first)
    kept, broken = acyclic(ranked[:most])
    rest = ranked[most:]
    return Bands(kept, broken, len(rest), sum(flow.usd for flow in rest))


def acyclic(given: Iterable[Flow]) -> tuple[tuple[Flow, ...], tuple[Flow, ...]]:
    """The flows without loops, and those left out: of each loop the smallest; among equal ones the name decides.

    Flows are laid from the largest on, and one that closes a loop is left out: all others of that loop are as large
    or larger. The order in which they are given does not matter.
    """
    kept: list[Flow] = []
    broken: list[Flow] = []
    payees: dict[str, set[str]] = defaultdict(set)
    for flow in sorted(given, key=_largest_first):
        if _leads_to(payees, flow.payee, flow.payer):
            broken.append(flow)
        else:
            kept.append(flow)
            payees[flow.payer].add(flow.payee)
    return tuple(kept), tuple(broken)


def _leads_to(payees: Mapping[str, set[str]], start: str, end: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        waiting += (more := payees.get(here, set()) - seen)
        seen |= more
    return False


def _largest_first(flow: Flow) -> tuple[float, str, str]:
    return -flow.usd, flow.payer, flow.payee
