"""Feeds that move for good: two that end at one address are one from then on."""

from collections.abc import Sequence

import duckdb

from schemas import Polled


def merged(con: duckdb.DuckDBPyConnection, polled: Sequence[Polled]) -> list[Polled]:
    """The same polls; a feed that has moved to where another one is polled keeps its address and is paused.

    Its entries and articles stay, what it listed this time is stored for it once more, and all that comes later the
    other one lists. Call it in the transaction that stores them.
    """
    moved = {one.feed.feed_id for one in polled if one.feed.url != one.poll.url}
    if not moved:
        return list(polled)
    rows = con.execute(
        "SELECT url, feed_id FROM feeds WHERE NOT paused AND gone_at IS NULL ORDER BY added_at"
    ).fetchall()
    # Of several that move there at once, the first one gets the address.
    polled_at = {url: feed_id for url, feed_id in reversed(rows) if feed_id not in moved}
    found = []
    for one in polled:
        there = one.feed.url
        if one.feed.feed_id in moved and polled_at.setdefault(there, one.feed.feed_id) != one.feed.feed_id:
            note = f"moved for good to {there}, where another feed is polled already; this one is paused"
            stays = {"url": one.poll.url, "paused": True, "moved_to": there, "next_due_at": None}
            told = {"poll": one.poll.model_copy(update={"note": note}), "feed": one.feed.model_copy(update=stays)}
            found.append(one.model_copy(update=told))
        else:
            found.append(one)
    return found
