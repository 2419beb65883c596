"""Subscriptions with hubs, stored and asked for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import duckdb

from dealwire.warehouse import load
from schemas.subscription import Subscription


def store(con: duckdb.DuckDBPyConnection, subscriptions: Iterable[Subscription]) -> None:
    """Store subscriptions, replacing those of the same feed."""
    rows = [{name: getattr(one, name) for name in Subscription.model_fields} for one in subscriptions]
    load.put(con, "subscriptions", rows, key=["feed_id"])


def all_of_them(con: duckdb.DuckDBPyConnection) -> dict[str, Subscription]:
    """By the feed's id."""
    return {one.feed_id: one for one in _found(con, "SELECT * FROM subscriptions", [])}


def of_token(con: duckdb.DuckDBPyConnection, token: str) -> Subscription | None:
    """The subscription whose callback ends so."""
    return next(iter(_found(con, "SELECT * FROM subscriptions WHERE token = ?", [token])), None)


def overtaken(con: duckdb.DuckDBPyConnection, before: datetime) -> set[str]:
    """Feeds whose hub has not told of something that polling had found by `before`."""
    rows = con.execute(
        """
        SELECT DISTINCT subscriptions.feed_id FROM subscriptions JOIN entries USING (feed_id)
        WHERE state = 'active' AND first_seen_at > coalesce(last_push_at, verified_at) AND first_seen_at < ?
        """,
        [before],
    ).fetchall()
    return {row[0] for row in rows}


def _found(con: duckdb.DuckDBPyConnection, query: str, given: list[Any]) -> list[Subscription]:
    done = con.execute(query, given)
    names = [column[0] for column in done.description or ()]
    return [Subscription(**dict(zip(names, row, strict=True))) for row in done.fetchall()]
