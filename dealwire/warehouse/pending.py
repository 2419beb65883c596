"""What waits to be done, and how long news takes: what workers act on and what `dealwire status` shows."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb

from dealwire.warehouse import ledger, linked, notes, outbox, queries
from dealwire.warehouse.ledger import Version
from schemas.base import Frozen

Row = dict[str, Any]


class Pending(Frozen):
    """What waits, in counts."""

    feeds_due: int
    next_due_at: datetime | None
    to_read: int
    to_extract: int
    to_link: bool
    to_send: int


def pending(
    con: duckdb.DuckDBPyConnection,
    *,
    now: datetime,
    attempts: int,
    again_hours: float,
    extractors: Sequence[Version] | None = None,
) -> Pending:
    """What waits at `now`. `extractors` None: as they were when they were last run.

    `attempts` and `again_hours` are those of reading; see the settings.
    """
    due = con.execute(
        f"SELECT count(*) FILTER ({queries.DUE}), min(next_due_at) FROM feeds WHERE NOT paused AND gone_at IS NULL",
        {"now": now},
    ).fetchone()
    unread = con.execute(
        f"SELECT count(*) FROM articles WHERE {queries.UNREAD}",
        {"now": now, "attempts": attempts, "seconds": again_hours * 3600},
    ).fetchone()
    noted = notes.get(con, notes.EXTRACTORS)
    versions = [Version(*one) for one in json.loads(noted or "[]")] if extractors is None else extractors
    return Pending(
        feeds_due=due[0] if due else 0,
        next_due_at=due[1] if due else None,
        to_read=unread[0] if unread else 0,
        to_extract=ledger.stale_count(con, versions),
        to_link=links_due(con),
        to_send=outbox.unsent_count(con),
    )


def links_due(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether claims or rates have changed since they were linked."""
    by = linked.rules(con)
    if by is None:
        row = con.execute("SELECT count(*) > 0 FROM deal_claims").fetchone()
        return bool(row and row[0])
    return by.rates != linked.rates_print(con) or bool(linked.changed(con)[0])


def lags(con: duckdb.DuckDBPyConnection, *, now: datetime, hours: float = 24) -> list[Row]:
    """Seconds that news took: one row a stage with `count`, `p50` and `p95`; of the last `hours`.

    `published to stored`: from the time that a feed prints to when its entry was stored. `stored to read`, `read to
    extracted`. `stored to queryable`: from then to when its deals could be asked for.
    """
    query = """
    WITH fresh AS (
        SELECT articles.article_id, published_at, first_seen_at, read_at, extracted_at
        FROM articles
        LEFT JOIN (
            SELECT article_id, max(extracted_at) AS extracted_at FROM extractions GROUP BY article_id
        ) AS extracted ON extracted.article_id = articles.article_id
        WHERE feed_id IS NOT NULL AND first_seen_at >= $since
    ), told AS (
        SELECT min(first_seen_at) AS first_seen_at, any_value(told_at) AS told_at
        FROM (SELECT deal_id, told_at, unnest(article_ids) AS article_id FROM told_deals WHERE told_at >= $since) AS one
        JOIN fresh ON fresh.article_id = one.article_id
        GROUP BY deal_id
    ), took AS (
        SELECT 1 AS place, 'published to stored' AS stage, epoch(first_seen_at) - epoch(published_at) AS seconds
        FROM fresh WHERE published_at BETWEEN $since AND first_seen_at
        UNION ALL
        SELECT 2, 'stored to read', epoch(read_at) - epoch(first_seen_at) FROM fresh WHERE read_at >= first_seen_at
        UNION ALL
        SELECT 3, 'read to extracted', epoch(extracted_at) - epoch(read_at) FROM fresh WHERE extracted_at >= read_at
        UNION ALL
        SELECT 4, 'stored to queryable', epoch(told_at) - epoch(first_seen_at) FROM told WHERE told_at >= first_seen_at
    )
    SELECT stage, count(*), quantile_cont(seconds, 0.5), quantile_cont(seconds, 0.95)
    FROM took GROUP BY stage, place ORDER BY place
    """
    rows = con.execute(query, {"since": now - timedelta(hours=hours)}).fetchall()
    return [dict(zip(("stage", "count", "p50", "p95"), row, strict=True)) for row in rows]
