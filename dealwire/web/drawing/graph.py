"""The map: who deals with whom. Companies are its nodes, what they agreed on its arrows.

A sum counts once. Where several companies share one side, what each of them pays or gets is not known: then the sum
belongs to the company that stands alone on its side, and no arrow carries it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import combinations
from typing import Any, NamedTuple

from dealwire.web.drawing.loops import pairs_on_loops
from schemas import DealKind

Row = Mapping[str, Any]


class Leg(NamedTuple):
    """One deal as an arrow carries it. `usd`: what flows along this arrow alone; None: not stated, or shared.

    `shared_usd`: the sum that several companies share; None: not stated, or not shared.
    """

    deal_id: str
    on: date
    status: str
    usd: float | None
    shared_usd: float | None


class Arrow(NamedTuple):
    """All deals of one kind from `source` to `target`; of kinds without direction, between them in order of name."""

    source: str
    target: str
    kind: str
    directed: bool
    legs: tuple[Leg, ...]
    looped: bool = False

    @property
    def usd(self) -> float:
        """The sum that is known to flow along it, in US dollars."""
        return sum(leg.usd or 0 for leg in self.legs)


class Part(NamedTuple):
    """What one deal brought a company and cost it, in US dollars; 0 where that is not known."""

    on: date
    usd_in: float
    usd_out: float


class Node(NamedTuple):
    """A company; one part a deal, in the order of the days."""

    name: str
    parts: tuple[Part, ...]
    looped: bool = False

    @property
    def usd_in(self) -> float:
        """What it gets, in US dollars, as far as it is known."""
        return sum(part.usd_in for part in self.parts)

    @property
    def usd_out(self) -> float:
        """What it pays, in US dollars, as far as it is known."""
        return sum(part.usd_out for part in self.parts)


class Graph(NamedTuple):
    """Companies and arrows between them."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


def graph(rows: Iterable[Row], companies: Sequence[str]) -> Graph:
    """The map of these companies, from all their deals, oldest first.

    Rows hold `deal_id`, `kind`, `status`, `payers`, `payees`, `parties`, `usd` (upper, else lower bound in US dollars)
    and `announced_on`.
    """
    parts: dict[str, list[Part]] = {name: [] for name in companies}
    arrows: dict[tuple[str, str, str], list[Leg]] = defaultdict(list)
    for row in rows:
        usd: float | None = row["usd"]
        for name, part in _parts(row, usd).items():
            if name in parts:
                parts[name].append(part)
        pairs = _pairs(row)
        leg = Leg(row["deal_id"], row["announced_on"], row["status"], usd, None)
        if len(pairs) > 1:
            leg = leg._replace(usd=None, shared_usd=usd)
        for source, target in pairs:
            if source in parts and target in parts:
                arrows[source, target, row["kind"]].append(leg)
    found = Graph(
        tuple(Node(name, tuple(told)) for name, told in parts.items()),
        tuple(
            Arrow(source, target, kind, DealKind(kind).directed, tuple(arrows[source, target, kind]))
            for source, target, kind in sorted(arrows)
        ),
    )
    return _with_loops(found)


def until(given: Graph, day: date) -> Graph:
    """The map as it stood at the end of that day. All nodes stay, those without a deal so far without parts."""
    return _with_loops(
        given._replace(
            nodes=tuple(node._replace(parts=tuple(p for p in node.parts if p.on <= day)) for node in given.nodes),
            arrows=tuple(
                arrow._replace(legs=tuple(one for one in arrow.legs if one.on <= day)) for arrow in given.arrows
            ),
        )
    )


def deals(given: Graph) -> int:
    """How many deals are drawn; one with several sides is on several arrows."""
    return len({leg.deal_id for arrow in given.arrows for leg in arrow.legs})


def days(given: Graph) -> list[date]:
    """The days of all deals that are drawn, in order, each once."""
    return sorted({leg.on for arrow in given.arrows for leg in arrow.legs})


def _with_loops(given: Graph) -> Graph:
    """The map with the arrows and companies marked that lie on a loop or cycle, as `circular_flows` counts them."""
    paid = {
        (arrow.source, arrow.target)
        for arrow in given.arrows
        if arrow.directed and any(leg.status != "ended" for leg in arrow.legs)
    }
    looped = pairs_on_loops(paid)
    companies = {name for pair in looped for name in pair}
    return given._replace(
        nodes=tuple(node._replace(looped=node.name in companies) for node in given.nodes),
        arrows=tuple(
            arrow._replace(looped=bool(arrow.legs) and arrow.directed and (arrow.source, arrow.target) in looped)
            for arrow in given.arrows
        ),
    )


def _parts(row: Row, usd: float | None) -> dict[str, Part]:
    payers, payees, on = row["payers"], row["payees"], row["announced_on"]
    out = usd or 0 if len(payers) == 1 else 0
    into = usd or 0 if len(payees) == 1 else 0
    found = dict.fromkeys(row["parties"], Part(on, 0.0, 0.0))
    for name in payers:
        found[name] = Part(on, 0.0, out)
    for name in payees:
        found[name] = Part(on, into, found[name].usd_out if name in found else 0.0)
    return found


def _pairs(row: Row) -> Sequence[tuple[str, str]]:
    if DealKind(row["kind"]).directed:
        return [(payer, payee) for payer in row["payers"] for payee in row["payees"] if payer != payee]
    return list(combinations(sorted(set(row["parties"])), 2))
