"""Totals: a sum that one outlet tells for several payers, where each of them has a deal of its own, counts once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Protocol, TypeVar

from dealwire.linking.amounts import amount, figure
from dealwire.linking.clusters import Cluster
from dealwire.linking.sides import sides
from schemas import Deal

_NEAR = timedelta(days=10)
_ROUNDED = Decimal("0.03")


class Told(Protocol):
    """A deal and the claims that it rests on. The deal itself takes its time to be worked out."""

    @property
    def deal(self) -> Deal: ...
    @property
    def cluster(self) -> Cluster: ...


T = TypeVar("T", bound=Told)


def totals(deals: Sequence[T]) -> list[T]:
    """The deals that only add up others: the same kind and payee, the payers together, the sums together.

    `up to $15 billion` from two companies is not a deal beside `up to $10 billion` from one and `up to $5 billion` from
    the other. A round whose investors' own sums do not add up to it stays. Deals are given in the order of their first
    claims.
    """
    # By kind, payer and payee, as any of the claims tells them.
    between: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    stated = [at for at, one in enumerate(deals) if one.cluster.stated and one.cluster.first.kind.directed]
    for at in stated:
        for key in _keys(deals[at].cluster):
            between[key].append(at)
    found = []
    for at in stated:
        whole = deals[at].cluster
        if len(whole.sides[0]) > 1:
            near = {
                key: [other for other in between[key] if other != at and _near(whole, deals[other].cluster)]
                for key in _keys(whole)
            }
            if sum(map(bool, near.values())) > 1:
                parts = sorted({other for several in near.values() for other in several})
                if _adds_up(deals[at].deal, [deals[other].deal for other in parts]):
                    found.append(deals[at])
    return found


def _keys(cluster: Cluster) -> list[tuple[str, str, str]]:
    payers, payees = cluster.sides
    return [(cluster.first.kind.value, payer, payee) for payer in payers for payee in payees]


def _near(one: Cluster, other: Cluster) -> bool:
    return abs(one.first.published_at.date() - other.first.published_at.date()) <= _NEAR


def _adds_up(whole: Deal, parts: Sequence[Deal]) -> bool:
    payers, payees = sides(whole)
    if len(payers) < 2:
        return False
    own: dict[str, Decimal] = {}
    for deal in parts:
        (payer, *others), paid = sides(deal)
        if not others and payer in payers and paid == payees and deal.currency == whole.currency:
            own.setdefault(payer, figure(amount(deal)))
    stated = figure(amount(whole))
    return own.keys() == payers and abs(sum(own.values()) - stated) <= stated * _ROUNDED
