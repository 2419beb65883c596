"""Subscribers and deliveries, stored and asked for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import duckdb

from dealwire.warehouse import load, queries
from schemas.errors import InvalidInput
from schemas.subscriber import Delivery, DeliveryState, Subscriber

Row = dict[str, Any]
UNSURE = "it had left when the process was stopped; the answer is not known"
"""The remark of a delivery that was on its way when its process was stopped: it is not made again."""


def store(con: duckdb.DuckDBPyConnection, subscribers: Iterable[Subscriber]) -> None:
    """Store subscribers, replacing those of the same id."""
    load.put(con, "subscribers", map(load.as_row, subscribers), key=["subscriber_id"])


def all_of_them(con: duckdb.DuckDBPyConnection) -> list[Subscriber]:
    """In the order in which they were added."""
    return [Subscriber(**row) for row in queries.rows(con, "SELECT * FROM subscribers ORDER BY added_at, name")]


def named(con: duckdb.DuckDBPyConnection, name: str) -> Subscriber:
    """The subscriber of that name. Raises `InvalidInput` if there is none."""
    found = {one.name: one for one in all_of_them(con)}
    if name not in found:
        there = f"there are {', '.join(found)}" if found else "`dealwire notify add` makes one"
        raise InvalidInput(f"no subscriber is named {name!r}; {there}")
    return found[name]


def remove(con: duckdb.DuckDBPyConnection, subscriber_id: str) -> None:
    """Forget a subscriber and its deliveries."""
    for table in ("subscribers", "deliveries"):
        con.execute(f"DELETE FROM {table} WHERE subscriber_id = ?", [subscriber_id])


def put(con: duckdb.DuckDBPyConnection, deliveries: Iterable[Delivery]) -> None:
    """Store deliveries, replacing those of the same id."""
    load.put(con, "deliveries", map(load.as_row, deliveries), key=["delivery_id"])


def known(con: duckdb.DuckDBPyConnection, subscriber_id: str, alliance_ids: Sequence[str]) -> list[Delivery]:
    """What there is of a subscriber about these alliances, oldest first."""
    query = """
    SELECT * FROM deliveries WHERE subscriber_id = ? AND list_contains(?, alliance_id) ORDER BY position, delivery_id
    """
    return [Delivery(**row) for row in queries.rows(con, query, [subscriber_id, list(alliance_ids)])]


def due(con: duckdb.DuckDBPyConnection, now: datetime, limit: int) -> list[Delivery]:
    """Deliveries to try at `now`, in the order of their events; none of a paused subscriber."""
    query = """
    SELECT deliveries.* FROM deliveries JOIN subscribers USING (subscriber_id)
    WHERE state = 'waiting' AND NOT paused AND next_at <= ?
    ORDER BY deliveries.position, delivery_id LIMIT ?
    """
    return [Delivery(**row) for row in queries.rows(con, query, [now, limit])]


def settle(con: duckdb.DuckDBPyConnection, made: Mapping[str, tuple[datetime, bool]]) -> int:
    """Mark deliveries as sent that a process had made before it ended; how many were not marked yet.

    `made`: by id when, and whether the answer is known.
    """
    query = "SELECT * FROM deliveries WHERE list_contains(?, delivery_id) AND state <> 'sent'"
    found = [Delivery(**row) for row in queries.rows(con, query, [list(made)])]
    done = []
    for one in found:
        at, sure = made[one.delivery_id]
        done.append(taken(one, at).model_copy(update={"error": None if sure else UNSURE}))
    put(con, done)
    return len(found)


def taken(one: Delivery, at: datetime) -> Delivery:
    """The delivery, now that its subscriber has taken it."""
    done = {"state": DeliveryState.SENT, "attempts": one.attempts + 1, "tried_at": at, "sent_at": at}
    return one.model_copy(update=done | {"next_at": None, "error": None})


def hold_back(con: duckdb.DuckDBPyConnection, subscriber_id: str, until: datetime) -> None:
    """Let nothing that waits for a subscriber be tried before a time."""
    con.execute(
        "UPDATE deliveries SET next_at = greatest(next_at, ?) WHERE subscriber_id = ? AND state = 'waiting'",
        [until, subscriber_id],
    )


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """By subscriber the number of deliveries in each state."""
    found: dict[str, dict[str, int]] = {}
    for one, state, count in con.execute(
        "SELECT subscriber_id, state, count(*) FROM deliveries GROUP BY ALL"
    ).fetchall():
        found.setdefault(one, {})[state] = count
    return found


def waiting(con: duckdb.DuckDBPyConnection) -> tuple[int, datetime | None]:
    """How many deliveries wait, and when the next is due; those of paused subscribers aside."""
    row = con.execute(
        "SELECT count(*), min(next_at) FROM deliveries JOIN subscribers USING (subscriber_id) "
        "WHERE state = 'waiting' AND NOT paused"
    ).fetchone()
    return (int(row[0]), row[1]) if row else (0, None)


def deliveries(
    con: duckdb.DuckDBPyConnection,
    *,
    subscriber_id: str | None = None,
    state: DeliveryState | None = None,
    limit: int = 20,
) -> list[Row]:
    """Deliveries with their subscriber's name, newest first; without those that no filter fits, unless asked for."""
    query = """
    SELECT name AS subscriber, deliveries.* EXCLUDE (subscriber_id)
    FROM deliveries JOIN subscribers USING (subscriber_id)
    WHERE ($subscriber::VARCHAR IS NULL OR subscriber_id = $subscriber)
        AND CASE WHEN $state::VARCHAR IS NULL THEN state <> 'unfit' ELSE state = $state END
    ORDER BY deliveries.position DESC, delivery_id LIMIT $limit
    """
    return queries.rows(con, query, {"subscriber": subscriber_id, "state": state, "limit": limit})


def revive(con: duckdb.DuckDBPyConnection, now: datetime, beginnings: Sequence[str] | None) -> int:
    """Make dead deliveries wait again, as if they had never been tried; None: all. How many.

    By id also those whose answer is not known. Raises `InvalidInput` for an id that no such delivery has.
    """
    query = "SELECT * FROM deliveries WHERE state = 'dead' OR (? AND state = 'sent' AND error IS NOT NULL)"
    found = [Delivery(**row) for row in queries.rows(con, query, [beginnings is not None])]
    for beginning in beginnings or ():
        if not beginning or not any(one.delivery_id.startswith(beginning) for one in found):
            raise InvalidInput(f"no dead delivery's id begins with {beginning!r}; `dealwire notify deliveries --dead`")
    chosen = [one for one in found if beginnings is None or one.delivery_id.startswith(tuple(beginnings))]
    again = {"state": DeliveryState.WAITING, "attempts": 0, "next_at": now, "sent_at": None}
    put(con, (one.model_copy(update=again) for one in chosen))
    return len(chosen)
