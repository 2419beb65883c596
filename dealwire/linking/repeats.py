"""One deal that two extractors find in one article is one claim of that article."""

from collections import defaultdict
from collections.abc import Iterable

from dealwire.linking.amounts import agree, amount, known
from dealwire.linking.rates import Rates
from dealwire.linking.sides import compatible, sides
from schemas import StoredClaim

_FIRST = "deals"
"""Whose claims stay where another extractor tells no more."""


def once(claims: Iterable[StoredClaim], rates: Rates) -> list[StoredClaim]:
    """The claims without those that repeat what another extractor tells of the same article.

    The claim of `deals` stays, unless it states no amount and the other one does.
    """
    kept: list[StoredClaim] = []
    others: dict[str, list[StoredClaim]] = defaultdict(list)
    for one in claims:
        if one.extractor == _FIRST:
            kept.append(one)
        else:
            others[one.article_id].append(one)
    if not others:
        return kept
    beside: dict[str, list[StoredClaim]] = defaultdict(list)
    for one in kept:
        if one.article_id in others:
            beside[one.article_id].append(one)
    replaced: set[str] = set()
    more: list[StoredClaim] = []
    for article_id in sorted(others):
        told = beside[article_id]
        for one in sorted(others[article_id], key=lambda claim: (claim.start, claim.claim_id)):
            same = [other for other in told if other.extractor != one.extractor and _repeats(one, other, rates)]
            if any(known(amount(other)) or not known(amount(one)) for other in same):
                continue
            replaced.update(other.claim_id for other in same)
            more.append(one)
            told = [other for other in told if other not in same] + [one]
    return [one for one in (*kept, *more) if one.claim_id not in replaced]


def _repeats(one: StoredClaim, other: StoredClaim, rates: Rates) -> bool:
    if one.kind != other.kind or not compatible(sides(one), sides(other)):
        return False
    first, second = amount(one), amount(other)
    return not known(first) or not known(second) or agree(first, second, one.published_at.date(), rates)
