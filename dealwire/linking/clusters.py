"""Claims of one deal across articles are found and held together.

Claims are taken in the order of their dates, so that the order of arrival does not count. A claim joins the deal that
it fits best: the same kind, sides of which one tells no more than the other, amounts that agree, days that are near.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import product

from dealwire.linking.amounts import Amount, agree, amount, known, ratio
from dealwire.linking.near import Near
from dealwire.linking.rates import Rates
from dealwire.linking.sides import Sides, compatible, sides
from schemas import DealKind, DealStatus, StoredClaim

_SAME_AMOUNT = timedelta(days=540)
_NO_AMOUNT = timedelta(days=120)
_OTHER_AMOUNT = timedelta(days=4)
_OTHER_STATUS = timedelta(days=240)
_DISJOINT = timedelta(days=10)
_LONG = timedelta(days=1000)
ROUNDS = (DealKind.INVESTMENT, DealKind.FINANCING)
# How well a claim fits: the same sum, no sum to compare, another sum. Up to 1 is added for nearness.
_SAME, _UNTOLD, _OTHER = 4, 2, 1


@dataclass
class Cluster:
    """The claims of one deal, oldest first, and what claims that may join are compared with."""

    claims: list[StoredClaim]
    sides: Sides
    articles: set[str] = field(default_factory=set)
    stated: set[Amount] = field(default_factory=set)
    statuses: set[DealStatus] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    new: bool = True
    """False: the same claims as in a former linking."""

    @property
    def first(self) -> StoredClaim:
        return self.claims[0]

    @property
    def last(self) -> datetime:
        return self.claims[-1].published_at

    def add(self, claim: StoredClaim, own: Sides, value: Amount, keys: Iterable[str]) -> None:
        """A claim more. The fullest telling is what later claims are compared with."""
        self.claims.append(claim)
        self.articles.add(claim.article_id)
        self.statuses.add(claim.status)
        self.keys.update(keys)
        if self.sides != own:
            self.sides = (self.sides[0] | own[0], self.sides[1] | own[1])
        if known(value):
            self.stated.add(value)


def in_order(claims: Iterable[StoredClaim]) -> list[StoredClaim]:
    """Claims by date, then by facts that do not depend on how they came."""
    return sorted(claims, key=lambda one: (one.published_at, one.article_id, one.start, one.claim_id))


def cluster(claims: Iterable[StoredClaim], rates: Rates, before: Mapping[str, str] | None = None) -> list[Cluster]:
    """The claims grouped by deal, in the order of the first claims.

    `before` holds deals of a former linking, by the same rates, of which no claim has changed or gone: for each claim
    the first one of its deal. The result is the same, sooner: such a claim is compared only with the deals that are
    not as they were when it was compared with all.
    """
    work = _Clustering(rates, before or {})
    for claim in in_order(claims):
        if keys := keys_of(claim):
            work.take(claim, keys)
    return work.clusters


class _Clustering:
    """Deals as they grow, claim by claim."""

    def __init__(self, rates: Rates, before: Mapping[str, str]) -> None:
        self._rates, self._before = rates, before
        self.clusters: list[Cluster] = []
        self._all, self._new = Near(self.clusters), Near(self.clusters)
        self._begun: dict[str, int] = {}
        """Deals that began as in the former linking, by their first claims."""

    def take(self, claim: StoredClaim, keys: Sequence[str]) -> None:
        """The next claim joins the deal that it fits best, or begins one."""
        own, value = sides(claim), amount(claim)
        first = self._before.get(claim.claim_id)
        stays = self._begun.get(first) if first is not None else None
        if stays is not None and self.clusters[stays].new:
            stays = None
        if first is not None and (stays is not None or first == claim.claim_id):
            # It was compared with all that is as it was, so only what is not may fit it better now.
            best = self._best(self._new, claim, own, value, keys) if self._new.any(keys) else None
            if best is not None and stays is not None:
                best = max(best, (_fit(self.clusters[stays], claim, own, value, self._rates), -stays))
            at = stays if best is None else -best[1]
            as_before = at == stays
        else:
            best = self._best(self._all, claim, own, value, keys)
            at, as_before = None if best is None else -best[1], False
        if at is None:
            at = len(self.clusters)
            self.clusters.append(Cluster([], own, new=not as_before))
            if as_before:
                self._begun[claim.claim_id] = at
        self.clusters[at].add(claim, own, value, keys)
        self._all.note(at)
        if not as_before:
            self._changed(at)
            if stays is not None:
                # It lacks the claim.
                self._changed(stays)

    def _changed(self, at: int) -> None:
        """A deal is not as it was."""
        self.clusters[at].new = True
        if self._before:
            self._new.note(at)

    def _best(
        self, among: Near, claim: StoredClaim, own: Sides, value: Amount, keys: Sequence[str]
    ) -> tuple[float, int] | None:
        """How well the claim fits the deal that it fits best, and the place of that, negative; of equals the oldest."""
        best: tuple[float, int] | None = None
        for enough, places in _likely(among, claim, value, keys):
            for at in places:
                score = _fit(self.clusters[at], claim, own, value, self._rates)
                if score > 0 and (best is None or (score, -at) > best):
                    best = (score, -at)
            if best is not None and best[0] > enough:
                break
        return best


def _likely(among: Near, claim: StoredClaim, value: Amount, keys: Sequence[str]) -> Iterator[tuple[float, set[int]]]:
    """The deals that a claim may fit, in groups; with each how well none of the later groups is fitted."""
    untold = claim.published_at - _NO_AMOUNT
    if known(value):
        yield _SAME, among.alike(keys, value)
        yield _UNTOLD, among.lately(keys, untold, stated=False)
        yield 0, among.twice(keys, value)
    else:
        yield 0, among.lately(keys, untold)


def keys_of(claim: StoredClaim) -> tuple[str, ...]:
    """What two claims of one deal have in common at least one of; empty if a claim can make no deal.

    That is so if a side is missing, or if both are one company: a unit and its parent, or names that were merged.
    """
    # A round of which two outlets name different investors is known by its sum.
    by_sum = claim.kind in ROUNDS and known(amount(claim))
    month = f"{claim.published_at.year:04}-{claim.published_at.month:02}" if by_sum else None
    return _keys(claim.kind.value, sides(claim), month)


@lru_cache(maxsize=100_000)
def _keys(kind: str, between: Sides, month: str | None) -> tuple[str, ...]:
    first, second = between
    if not DealKind(kind).directed:
        names = sorted(first)
        return tuple(f"{kind} {a} {b}" for a, b in product(names, names) if a < b)
    if not first or not second or first == second:
        return ()
    keys = [f"{kind} {payer} {payee}" for payer, payee in product(sorted(first), sorted(second))]
    return (*keys, *(f"{kind} {payee} {month}" for payee in sorted(second) if month))


def _fit(group: Cluster, claim: StoredClaim, own: Sides, value: Amount, rates: Rates) -> float:
    """How well a claim fits a deal of which all claims are older; 0 if it does not. Nearer days break ties."""
    gap = claim.published_at - group.last
    if gap > _SAME_AMOUNT:
        return 0
    near = 1 - min(1.0, gap / _LONG)
    day = claim.published_at.date()
    same_amount = known(value) and (value in group.stated or any(agree(value, one, day, rates) for one in group.stated))
    if claim.article_id in group.articles and not same_amount:
        # One article that tells two sums between the same companies tells two deals.
        return 0
    if group.sides != own and not compatible(group.sides, own):
        shared = group.sides[1] == own[1] and claim.kind in ROUNDS
        fits = same_amount and shared and gap <= _DISJOINT and claim.article_id not in group.articles
        return _OTHER + near if fits else 0
    if same_amount:
        return _SAME + near
    if not known(value) or not group.stated:
        return _UNTOLD + near if gap <= _NO_AMOUNT else 0
    moved = claim.status not in group.statuses and gap <= _OTHER_STATUS
    if group.sides != own or not (moved or gap <= _OTHER_AMOUNT):
        return 0
    times = min(ratio(value, one, day, rates) for one in group.stated)
    if (gap <= _OTHER_AMOUNT and times <= 2) or (moved and times <= Decimal("1.6")):
        return _OTHER + near
    return 0
