"""Linking: from the claims of all articles to deals and alliances. No input or output, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from dealwire.linking import alliances, clusters, deals, repeats
from dealwire.linking.rates import Rates
from dealwire.linking.totals import totals
from schemas import Deal, DealChange, DealSource, Links, StoredClaim, content_id


@dataclass
class Settled:
    """A deal without its alliance, and what it rests on: worked out when asked for, since most have not changed."""

    deal_id: str
    cluster: clusters.Cluster
    rates: Rates
    counted: bool = True
    """False: it only adds up others (`totals`) and is none of its own."""

    @property
    def deal(self) -> Deal:
        return self._told[0]

    @property
    def sources(self) -> list[DealSource]:
        return self._told[1]

    @property
    def history(self) -> list[DealChange]:
        return self._told[2]

    @cached_property
    def _told(self) -> tuple[Deal, list[DealSource], list[DealChange]]:
        return deals.settle(self.cluster, self.deal_id, self.rates)


def link(claims: Iterable[StoredClaim], *, rates: Rates) -> Links:
    """The deals and alliances that the claims make; the same for any order of the claims."""
    return links(settle(claims, rates=rates))


def links(settled: Iterable[Settled]) -> Links:
    """The deals that count, with the alliances that they make."""
    counted = [one for one in settled if one.counted]
    grouped, found = alliances.group([(one.deal, one.cluster) for one in counted])
    return Links(
        deals=tuple(grouped),
        sources=tuple(source for one in counted for source in one.sources),
        history=tuple(change for one in counted for change in one.history),
        alliances=tuple(found),
    )


def settle(claims: Iterable[StoredClaim], *, rates: Rates, before: Mapping[str, str] | None = None) -> list[Settled]:
    """The deals that the claims make; the same for any order of the claims, and for each family by itself.

    `before`: as for `clusters.cluster`.
    """
    able = [claim for claim in claims if clusters.keys_of(claim)]
    kept = repeats.once(able, rates)
    settled: list[Settled] = []
    used: dict[str, int] = {}
    for group in clusters.cluster(kept, rates, _whole(before or {}, able, kept)):
        deal_id = deals.id_of(group)
        # Deals that the id cannot tell apart are numbered in the order of their first claims.
        used[deal_id] = used.get(deal_id, 0) + 1
        if used[deal_id] > 1:
            deal_id = content_id(deal_id, used[deal_id])
        settled.append(Settled(deal_id, group, rates))
    for one in totals(settled):
        one.counted = False
    return settled


def _whole(before: Mapping[str, str], able: Sequence[StoredClaim], kept: Sequence[StoredClaim]) -> dict[str, str]:
    """The deals of a former linking of which no claim is told again by another one now."""
    there = {claim.claim_id for claim in kept}
    broken = {before.get(claim.claim_id) for claim in able if claim.claim_id not in there}
    return {claim_id: first for claim_id, first in before.items() if first not in broken}
