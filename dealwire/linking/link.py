"""Linking: from the claims of all articles to deals and alliances. No input or output, no clock."""

from collections.abc import Iterable
from typing import NamedTuple

from dealwire.linking import alliances, deals, repeats
from dealwire.linking.rates import Rates
from dealwire.linking.totals import totals
from schemas import Deal, DealChange, DealSource, Links, StoredClaim, content_id


class Settled(NamedTuple):
    """A deal without its alliance, and what it rests on."""

    deal: Deal
    cluster: deals.Cluster
    sources: list[DealSource]
    history: list[DealChange]


def link(claims: Iterable[StoredClaim], *, rates: Rates) -> Links:
    """The deals and alliances that the claims make; the same for any order of the claims."""
    settled = settle(claims, rates=rates)
    grouped, found = alliances.group([(one.deal, one.cluster) for one in settled])
    return Links(
        deals=tuple(grouped),
        sources=tuple(source for one in settled for source in one.sources),
        history=tuple(change for one in settled for change in one.history),
        alliances=tuple(found),
    )


def settle(claims: Iterable[StoredClaim], *, rates: Rates) -> list[Settled]:
    """The deals that the claims make; the same for any order of the claims, and for each family by itself."""
    settled: list[Settled] = []
    used: dict[str, int] = {}
    for cluster in deals.cluster(repeats.once(claims, rates), rates):
        deal, told, changes = deals.settle(cluster, rates)
        # Deals that the id cannot tell apart are numbered in the order of their first claims.
        used[deal.deal_id] = used.get(deal.deal_id, 0) + 1
        if used[deal.deal_id] > 1:
            update = {"deal_id": content_id(deal.deal_id, used[deal.deal_id])}
            deal = deal.model_copy(update=update)
            told = [one.model_copy(update=update) for one in told]
            changes = [one.model_copy(update=update) for one in changes]
        settled.append(Settled(deal, cluster, told, changes))
    double = totals([one.deal for one in settled])
    return [one for one in settled if one.deal.deal_id not in double]
