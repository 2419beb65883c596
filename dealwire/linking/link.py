"""Linking: from the claims of all articles to deals and alliances. No input or output, no clock."""

from collections.abc import Iterable

from dealwire.linking import alliances, deals, repeats
from dealwire.linking.rates import Rates
from dealwire.linking.totals import totals
from schemas import Deal, DealChange, DealSource, Links, StoredClaim, content_id


def link(claims: Iterable[StoredClaim], *, rates: Rates) -> Links:
    """The deals and alliances that the claims make; the same for any order of the claims."""
    settled: list[tuple[Deal, deals.Cluster]] = []
    sources: list[DealSource] = []
    history: list[DealChange] = []
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
        settled.append((deal, cluster))
        sources += told
        history += changes
    double = totals([deal for deal, _ in settled])
    settled = [(deal, group) for deal, group in settled if deal.deal_id not in double]
    sources = [one for one in sources if one.deal_id not in double]
    history = [one for one in history if one.deal_id not in double]
    grouped, found = alliances.group(settled)
    return Links(deals=tuple(grouped), sources=tuple(sources), history=tuple(history), alliances=tuple(found))
