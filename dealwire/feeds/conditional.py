"""Conditional requests to servers that may lie: validators are believed for a while, then tested.

A server that answers 304 for ever, or whose validators stand still while the feed moves, is found out by a request
without validators: after two believed answers, then four, up to sixteen, after a day, and when stories are overdue.
"""

from datetime import datetime, timedelta
from typing import Any

from dealwire.feeds.client import Response
from schemas import Feed

_FIRST_TRUST, _MOST_TRUST = 2, 16
_FULL_EVERY = timedelta(hours=24)
_OVERDUE, _NOT_AGAIN_WITHIN = 4, timedelta(hours=3)


def validators(feed: Feed, at: datetime) -> dict[str, str | None]:
    """The validators to send now; none when the whole feed is wanted."""
    if feed.frozen or feed.full_at is None or at - feed.full_at >= _FULL_EVERY or feed.unchanged >= feed.trust:
        return {}
    if feed.gap_seconds and feed.changed_at and at - feed.full_at >= _NOT_AGAIN_WITHIN:
        silence = (at - feed.changed_at).total_seconds()
        if silence > _OVERDUE * feed.gap_seconds:
            return {}
    return {"etag": feed.etag, "last_modified": feed.last_modified}


def judged(feed: Feed, answer: Response, *, asked: bool, moved: bool, at: datetime) -> dict[str, Any]:
    """What a full answer says of the server's validators, as changes of the feed's record.

    `asked`: validators were sent. `moved`: the feed lists other stories than the last time.
    """
    etag, last_modified = answer.headers.get("etag"), answer.headers.get("last-modified")
    update: dict[str, Any] = {"etag": etag, "last_modified": last_modified, "full_at": at, "unchanged": 0}
    had = feed.etag or feed.last_modified
    if feed.full_at is None or not had:
        return update
    same = etag == feed.etag if feed.etag else last_modified == feed.last_modified
    if moved and same and not asked:
        return update | {"frozen": True}
    if moved and not same:
        return update | {"frozen": False, "trust": _FIRST_TRUST if feed.frozen else feed.trust}
    if not asked and not feed.frozen:
        return update | {"trust": min(_MOST_TRUST, feed.trust * 2)}
    return update
