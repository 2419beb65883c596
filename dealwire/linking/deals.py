"""What the claims of one deal tell of it together: sides, sum, terms, status and how sure it is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dealwire.linking.amounts import Amount, agree, amount, figure, known
from dealwire.linking.clusters import ROUNDS, Cluster
from dealwire.linking.rates import Rates
from dealwire.linking.sides import company, sides
from schemas import Deal, DealChange, DealSource, DealStatus, StoredClaim, content_id


def id_of(group: Cluster) -> str:
    """The id of the deal that a group of claims makes. Others between the same companies may have the same."""
    return content_id("deal", group.first.kind, *map(sorted, sides(group.first)), _anchor(group.claims))


def settle(group: Cluster, deal_id: str, rates: Rates) -> tuple[Deal, list[DealSource], list[DealChange]]:
    """The deal that a group of claims makes (its alliance is not known yet), its sources and its history."""
    day = group.first.published_at.date()
    shown = _shown_amount(group.claims)
    amounts = [one for claim in group.claims if known(one := amount(claim))]
    payers, payees, parties = _shown_sides(group)
    low, high = _shown_power(group.claims)
    history = _history(group.claims, deal_id)
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
    return deal, sources, history


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
    if group.first.kind in ROUNDS:
        return _union(one.payers for one in group.claims), _union(one.payees for one in group.claims), ()
    told = Counter((one.payers, one.payees, one.parties) for one in group.claims)
    return max(told, key=lambda names: (told[names], sum(map(len, names)), names))


def _union(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for name in (one for several in names for one in several):
        found.setdefault(company(name), name)
    return tuple(found.values())


def _history(claims: Sequence[StoredClaim], deal_id: str) -> list[DealChange]:
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
            steps.append(DealChange(deal_id=deal_id, status=claim.status, since=day, claim_id=claim.claim_id))
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
