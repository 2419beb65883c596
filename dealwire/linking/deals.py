"""Claims of one deal across articles become one deal.

Claims are taken in the order of their dates, so that the order of arrival does not count. A claim joins the deal that
it fits best: the same kind, sides of which one tells no more than the other, amounts that agree, days that are near.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from dealwire.linking.amounts import Amount, agree, amount, figure, known, ratio
from dealwire.linking.rates import Rates
from dealwire.linking.sides import Sides, company, compatible, sides
from schemas import Deal, DealChange, DealKind, DealSource, DealStatus, StoredClaim, content_id

_SAME_AMOUNT = timedelta(days=540)
_NO_AMOUNT = timedelta(days=120)
_OTHER_AMOUNT = timedelta(days=4)
_OTHER_STATUS = timedelta(days=240)
_DISJOINT = timedelta(days=10)
_ROUNDS = (DealKind.INVESTMENT, DealKind.FINANCING)


@dataclass
class Cluster:
    """The claims of one deal, oldest first, and what claims that may join are compared with."""

    claims: list[StoredClaim]
    sides: Sides
    articles: set[str] = field(default_factory=set)
    stated: set[Amount] = field(default_factory=set)
    statuses: set[DealStatus] = field(default_factory=set)

    @property
    def first(self) -> StoredClaim:
        return self.claims[0]

    def add(self, claim: StoredClaim, own: Sides, value: Amount) -> None:
        """A claim more. The fullest telling is what later claims are compared with."""
        self.claims.append(claim)
        self.articles.add(claim.article_id)
        self.statuses.add(claim.status)
        self.sides = (self.sides[0] | own[0], self.sides[1] | own[1])
        if known(value):
            self.stated.add(value)


def in_order(claims: Iterable[StoredClaim]) -> list[StoredClaim]:
    """Claims by date, then by facts that do not depend on how they came."""
    return sorted(claims, key=lambda one: (one.published_at, one.article_id, one.start, one.claim_id))


def cluster(claims: Iterable[StoredClaim], rates: Rates) -> list[Cluster]:
    """The claims grouped by deal, in the order of the first claims."""
    clusters: list[Cluster] = []
    index: dict[str, list[int]] = defaultdict(list)
    for claim in in_order(claims):
        own, value = sides(claim), amount(claim)
        keys = keys_of(claim)
        if not keys:
            continue
        best: tuple[float, int] | None = None
        for at in {at for key in keys for at in index[key]}:
            score = _fit(clusters[at], claim, own, value, rates)
            if score > 0 and (best is None or (score, -at) > best):
                best = (score, -at)
        if best is None:
            clusters.append(Cluster([], own))
        at = len(clusters) - 1 if best is None else -best[1]
        clusters[at].add(claim, own, value)
        for key in keys:
            if at not in index[key]:
                # What is too old for this claim is too old for all that come after it.
                index[key] = [one for one in index[key] if _age(clusters[one], claim) <= _SAME_AMOUNT]
                index[key].append(at)
    return clusters


def settle(group: Cluster, rates: Rates) -> tuple[Deal, list[DealSource], list[DealChange]]:
    """The deal that a group of claims makes (its alliance is not known yet), its sources and its history."""
    day = group.first.published_at.date()
    shown = _shown_amount(group.claims)
    amounts = [one for claim in group.claims if known(one := amount(claim))]
    payers, payees, parties = _shown_sides(group)
    low, high = _shown_power(group.claims)
    history = _history(group.claims)
    best = min(
        group.claims,
        key=lambda one: (
            amount(one) != shown,
            one.status != history[-1].status,
            -one.confidence,
            one.published_at,
            one.claim_id,
        ),
    )
    doubt = 1.0
    for confidence in _by_site(group.claims).values():
        doubt *= 1 - confidence
    deal_id = content_id("deal", group.first.kind, *map(sorted, sides(group.first)), _anchor(group.claims))
    deal = Deal(
        deal_id=deal_id,
        alliance_id="",
        kind=group.first.kind,
        status=history[-1].status,
        payers=payers,
        payees=payees,
        parties=parties,
        currency=shown[0],
        amount_min=shown[1],
        amount_max=shown[2],
        usd_min=rates.usd(shown[1], shown[0], day),
        usd_max=rates.usd(shown[2], shown[0], day),
        capacity_mw_min=low,
        capacity_mw_max=high,
        **_shown_terms(group.claims),
        amounts_disagree=any(not agree(one, shown, day, rates) for one in amounts),
        announced_on=day,
        sources=len({one.site for one in group.claims}),
        articles=len({one.text_hash or one.article_id for one in group.claims}),
        confidence=round(min(0.99, 1 - doubt), 4),
    )
    sources = [
        DealSource(deal_id=deal_id, claim_id=one.claim_id, article_id=one.article_id, best=one is best)
        for one in group.claims
    ]
    return deal, sources, [one.model_copy(update={"deal_id": deal_id}) for one in history]


def keys_of(claim: StoredClaim) -> list[str]:
    """What two claims of one deal have in common at least one of; empty if a claim can make no deal.

    That is so if a side is missing, or if both are one company: a unit and its parent, or names that were merged.
    """
    kind, (first, second) = claim.kind.value, sides(claim)
    if not claim.kind.directed:
        names = sorted(first)
        return [f"{kind} {a} {b}" for a, b in product(names, names) if a < b]
    if not first or not second or first == second:
        return []
    keys = [f"{kind} {payer} {payee}" for payer, payee in product(sorted(first), sorted(second))]
    if claim.kind in _ROUNDS and known(amount(claim)):
        # A round of which two outlets name different investors is known by its sum.
        keys += [f"{kind} {payee} {claim.published_at:%Y-%m}" for payee in sorted(second)]
    return keys


def _age(group: Cluster, claim: StoredClaim) -> timedelta:
    return claim.published_at - group.claims[-1].published_at


def _fit(group: Cluster, claim: StoredClaim, own: Sides, value: Amount, rates: Rates) -> float:
    """How well a claim fits a deal; 0 if it does not. Nearer days break ties."""
    gap = min(abs(claim.published_at - one.published_at) for one in (group.claims[0], group.claims[-1]))
    if gap > _SAME_AMOUNT:
        return 0
    near = 1 - min(1.0, gap / timedelta(days=1000))
    day = claim.published_at.date()
    same_amount = known(value) and (value in group.stated or any(agree(value, one, day, rates) for one in group.stated))
    if claim.article_id in group.articles and not same_amount:
        # One article that tells two sums between the same companies tells two deals.
        return 0
    if not compatible(group.sides, own):
        shared = group.sides[1] == own[1] and claim.kind in _ROUNDS
        return 1 + near if same_amount and shared and gap <= _DISJOINT and claim.article_id not in group.articles else 0
    if same_amount:
        return 4 + near
    if not known(value) or not group.stated:
        return 2 + near if gap <= _NO_AMOUNT else 0
    moved = claim.status not in group.statuses and gap <= _OTHER_STATUS
    if group.sides != own or not (moved or gap <= _OTHER_AMOUNT):
        return 0
    times = min(ratio(value, one, day, rates) for one in group.stated)
    if (gap <= _OTHER_AMOUNT and times <= 2) or (moved and times <= Decimal("1.6")):
        return 1 + near
    return 0


def _shown_amount(claims: Sequence[StoredClaim]) -> Amount:
    """The sum that most sites state, weighed by confidence; of equals the exact, then the larger one."""
    weights: dict[Amount, dict[str, float]] = defaultdict(dict)
    for claim in claims:
        if known(value := amount(claim)):
            sites = weights[value]
            sites[claim.site] = max(sites.get(claim.site, 0.0), claim.confidence)
    if not weights:
        return (None, None, None)

    def rank(value: Amount) -> tuple[float, bool, Decimal, str]:
        return (round(sum(weights[value].values()), 6), value[1] == value[2], figure(value), value[0] or "")

    return max(weights, key=rank)


def _shown_power(claims: Sequence[StoredClaim]) -> tuple[float | None, float | None]:
    told = Counter(
        (one.capacity_mw_min, one.capacity_mw_max)
        for one in claims
        if one.capacity_mw_min is not None or one.capacity_mw_max is not None
    )
    if not told:
        return (None, None)
    return max(told, key=lambda pair: (told[pair], pair[1] or 0.0, pair[0] or 0.0))


def _shown_terms(claims: Sequence[StoredClaim]) -> dict[str, Any]:
    """Years, stake and valuation as most sites state each; of equals the first told."""
    shown: dict[str, Any] = {}
    for fields in (("years",), ("stake_percent",), ("valuation", "valuation_currency")):
        told: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        for claim in claims:
            values = tuple(getattr(claim, name) for name in fields)
            if values[0] is not None:
                told[values].add(claim.site)
        if told:
            shown |= zip(fields, max(told, key=lambda values: len(told[values])), strict=True)
    return shown


def _shown_sides(group: Cluster) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Names as first told; for rounds and loans everybody whom any article names."""
    if group.first.kind in _ROUNDS:
        return _union(one.payers for one in group.claims), _union(one.payees for one in group.claims), ()
    told = Counter((one.payers, one.payees, one.parties) for one in group.claims)
    return max(told, key=lambda names: (told[names], sum(map(len, names)), names))


def _union(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in (one for several in names for one in several):
        found.setdefault(company(name), name)
    return tuple(found.values())


def _history(claims: Sequence[StoredClaim]) -> list[DealChange]:
    """The statuses in the order they were reached; talk of plans after an announcement is no step back."""
    steps: list[DealChange] = []
    by_day: dict[date, list[StoredClaim]] = defaultdict(list)
    for claim in claims:
        by_day[claim.published_at.date()].append(claim)
    order = (DealStatus.PLANNED, DealStatus.ANNOUNCED, DealStatus.ENDED)
    for day in sorted(by_day):
        for claim in sorted(by_day[day], key=lambda one: (order.index(one.status), one.claim_id)):
            reached = steps[-1].status if steps else None
            back = reached is not None and order.index(claim.status) < order.index(reached)
            if claim.status == reached or (back and claim.status is DealStatus.PLANNED):
                continue
            if back and steps[-1].since == day:
                continue
            steps.append(DealChange(deal_id="", status=claim.status, since=day, claim_id=claim.claim_id))
    return steps


def _by_site(claims: Sequence[StoredClaim]) -> dict[str, float]:
    found: dict[str, float] = {}
    for claim in claims:
        found[claim.site] = max(found.get(claim.site, 0.0), claim.confidence)
    return found


def _anchor(claims: Sequence[StoredClaim]) -> str:
    """What tells a deal from others between the same companies: the first sum stated, else the month."""
    for claim in claims:
        if known(value := amount(claim)):
            return f"{value[0]} {figure(value):.2g}"
    return claims[0].published_at.strftime("%Y-%m")
