"""Whether an alliance fits a subscriber's filters."""

from collections.abc import Collection

from schemas.events import AllianceAnnounced, DealTold
from schemas.ids import slug
from schemas.subscriber import Subscriber


def fits(subscriber: Subscriber, alliance: AllianceAnnounced, parties: Collection[str]) -> bool:
    """True if all filters fit; kind, status and confidence have to be those of one deal.

    `parties`: the names of the subscriber's companies as articles have them now.
    """
    if parties and not _named(alliance, parties):
        return False
    if subscriber.min_usd is not None and (alliance.usd_max is None or alliance.usd_max < subscriber.min_usd):
        return False
    return any(_fits(subscriber, deal) for deal in alliance.deals)


def _named(alliance: AllianceAnnounced, parties: Collection[str]) -> bool:
    ids = {company.company_id for deal in alliance.deals for company in deal.companies}
    names = {name.casefold() for name in alliance.parties}
    return any(name.casefold() in names or slug(name) in ids for name in parties)


def _fits(subscriber: Subscriber, deal: DealTold) -> bool:
    return (
        (not subscriber.kinds or deal.kind in subscriber.kinds)
        and (not subscriber.statuses or deal.status in subscriber.statuses)
        and (subscriber.min_confidence is None or deal.confidence >= subscriber.min_confidence)
    )
