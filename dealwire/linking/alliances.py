"""Alliances: the deals that one announcement makes among its parties.

Two deals are tied when they share a company, were first told within a few days of each other, and an article of those
days tells them in one breath: between the same companies, in one sentence or next to each other, or all in its title.
A deal told as background stands apart from the legs and is tied to none of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from dealwire.linking.clusters import Cluster
from dealwire.linking.groups import groups
from dealwire.linking.sides import companies, company
from schemas import Alliance, Deal, DealKind, StoredClaim, content_id

_DAYS = timedelta(days=5)
_NEAR = 260
"""Code points between two sentences that still belong to one telling."""

_WORDS = {
    DealKind.PURCHASE: "{} purchase",
    DealKind.INVESTMENT: "{} invested",
    DealKind.ACQUISITION: "{} acquisition",
    DealKind.FINANCING: "{} financing",
    DealKind.LICENSING: "{} licence",
    DealKind.JOINT_VENTURE: "{} joint venture",
    DealKind.PARTNERSHIP: "{} partnership",
}


def group(deals: Sequence[tuple[Deal, Cluster]]) -> tuple[list[Deal], list[Alliance]]:
    """The deals with their alliances' ids, and the alliances, newest first."""
    members: dict[int, list[int]] = defaultdict(list)
    for at, first in groups(range(len(deals)), _ties(deals)).items():
        members[first].append(at)
    told: list[Deal] = []
    alliances: list[Alliance] = []
    for own in members.values():
        alliance = _alliance([deals[at] for at in own])
        alliances.append(alliance)
        told += [deals[at][0].model_copy(update={"alliance_id": alliance.alliance_id}) for at in own]
    alliances.sort(key=lambda one: (-one.announced_on.toordinal(), one.alliance_id))
    return told, alliances


def at_first(cluster: Cluster) -> Iterator[StoredClaim]:
    """The claims of the days in which a deal was first told: no others tie it to another deal."""
    return (claim for claim in cluster.claims if claim.published_at - cluster.first.published_at <= _DAYS)


def _ties(deals: Sequence[tuple[Deal, Cluster]]) -> Iterable[tuple[int, int]]:
    by_article: dict[str, list[tuple[int, StoredClaim]]] = defaultdict(list)
    for at, (_, cluster) in enumerate(deals):
        for claim in at_first(cluster):
            by_article[claim.article_id].append((at, claim))
    together: Counter[tuple[int, int]] = Counter()
    apart: Counter[tuple[int, int]] = Counter()
    for claims in by_article.values():
        for position, (one, claim) in enumerate(claims):
            for other, another in claims[position + 1 :]:
                if one == other or not companies(claim) & companies(another):
                    continue
                if abs(deals[one][1].first.published_at - deals[other][1].first.published_at) > _DAYS:
                    continue
                pair = (min(one, other), max(one, other))
                (together if _one_breath(claim, another) else apart)[pair] += 1
    return [pair for pair, count in sorted(together.items()) if count >= apart[pair]]


def _one_breath(one: StoredClaim, other: StoredClaim) -> bool:
    if one.status != other.status:
        return False
    first, second = companies(one), companies(other)
    if first == second:
        return True
    named = _words(one.title)
    if all(_in_title(name, named) for name in first | second):
        return True
    gap = _gap(one, other)
    return gap < 1 or ((first < second or second < first) and gap < 3 * _NEAR)


def _gap(one: StoredClaim, other: StoredClaim) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _words(title: str) -> str:
    return " " + " ".join("".join(c if c.isalnum() else " " for c in title.casefold()).split()) + " "


def _in_title(company_id: str, title: str) -> bool:
    return f" {company_id.split('-')[0]} " in title


def _alliance(legs: Sequence[tuple[Deal, Cluster]]) -> Alliance:
    ordered = sorted(
        legs, key=lambda leg: (leg[1].first.published_at, leg[1].first.article_id, leg[1].first.start, leg[0].deal_id)
    )
    deals = [deal for deal, _ in ordered]
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for deal in deals:
        for name in (*deal.payers, *deal.payees, *deal.parties):
            names.setdefault(company(name), name)
            counts[company(name)] += 1
    parties = tuple(names[key] for key in sorted(names, key=lambda key: (-counts[key], list(names).index(key))))
    counted = [deal for deal in deals if not _part(deal, deals)]
    sums = [value for deal in counted if (value := deal.usd_max or deal.usd_min) is not None]
    return Alliance(
        alliance_id=content_id("alliance", deals[0].deal_id),
        title=_title(parties, counted),
        parties=parties,
        announced_on=min(deal.announced_on for deal in deals),
        deals=len(deals),
        sources=len({claim.site for _, cluster in legs for claim in cluster.claims}),
        usd_max=sum(sums, Decimal(0)) if sums else None,
    )


def _part(deal: Deal, deals: Sequence[Deal]) -> bool:
    """Whether a deal's sum lies in another's: an investor's own share of a round."""
    value = deal.usd_max or deal.usd_min or Decimal(0)
    return any(
        other is not deal
        and other.kind == deal.kind
        and set(other.payees) == set(deal.payees)
        and set(other.payers) > set(deal.payers)
        and (other.usd_max or other.usd_min or Decimal(0)) >= value
        for other in deals
    )


def _title(parties: Sequence[str], deals: Sequence[Deal]) -> str:
    totals: dict[DealKind, tuple[Decimal, bool, bool]] = {}
    for deal in deals:
        value = deal.usd_max or deal.usd_min
        if value is not None:
            total, capped, floored = totals.get(deal.kind, (Decimal(0), False, False))
            totals[deal.kind] = (total + value, capped or deal.usd_min is None, floored or deal.usd_max is None)
    parts = [
        _WORDS[kind].format(f"{'up to ' if capped else 'over ' if floored else ''}{short(total)}")
        for kind, (total, capped, floored) in sorted(totals.items(), key=lambda item: (-item[1][0], item[0]))
    ]
    if not parts:
        parts = [_WORDS[kind].format("").strip() for kind in dict.fromkeys(deal.kind for deal in deals)]
    shown = ", ".join(parties[:4]) + (f" and {len(parties) - 4} more" if len(parties) > 4 else "")
    return f"{shown}: {', '.join(parts)}"


def short(value: Decimal) -> str:
    """US dollars as `$30B`."""
    sizes: Mapping[str, Decimal] = {"T": Decimal(10) ** 12, "B": Decimal(10) ** 9, "M": Decimal(10) ** 6}
    for letter, size in sizes.items():
        if value >= size:
            return f"${float(value / size):.4g}{letter}"
    return f"${float(value):,.0f}"
