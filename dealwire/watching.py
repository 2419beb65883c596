"""Watching: what runs, what waits, what fails and how long news takes; read from the warehouse and from small files.

Nothing here asks a Prefect server, or imports what is heavy.
"""

from datetime import datetime
from typing import Any

import duckdb

from dealwire import home, opening
from dealwire.settings import Settings
from dealwire.warehouse import ledger, pending, queries

State = dict[str, Any]
_ROWS = ("feeds", "articles", "deal_claims", "deals", "alliances", "outbox")


def parts(settings: Settings) -> State:
    """Whether `dealwire up` runs, since when and as what process, and each of its parts."""
    own = home.Home(settings.database)
    running, state = own.running(), home.read(own.state)
    return {
        "running": running,
        "ready": running and bool(state.get("ready")),
        "pid": state.get("pid") if running else None,
        "started_at": state.get("started_at") if running else None,
        "prefect": state.get("prefect") if running else None,
        "listener": state.get("listener") if running else None,
        "parts": state.get("parts", {}) if running else {},
    }


def worker(settings: Settings) -> State:
    """What the worker last told of itself: `runs` by flow, what it is doing, its memory."""
    return home.read(home.Home(settings.database).worker)


def warehouse(settings: Settings, *, now: datetime) -> State:
    """Feeds by state and those with something to say, rows, what waits, and lags. Raises what reading it raises."""
    with opening.warehouse(settings).read() as con:
        health = queries.feed_health(con)
        waiting = pending.pending(con, now=now, attempts=settings.read_attempts, again_hours=settings.reread_hours)
        counts: dict[str, int] = {}
        for row in health:
            counts[row["state"]] = counts.get(row["state"], 0) + 1
        return {
            "feeds": counts,
            "failing_feeds": [row for row in health if row["state"] in ("failing", "gone", "silent")],
            "failing_extractors": _failing_extractors(con),
            "rows": {name: _count(con, name) for name in _ROWS},
            "pending": waiting.model_dump(),
            "lags": pending.lags(con, now=now),
        }


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - names are ours
    return int(row[0]) if row else 0


def _failing_extractors(con: duckdb.DuckDBPyConnection) -> list[State]:
    return [row for row in ledger.counts(con) if row["failed"]]
