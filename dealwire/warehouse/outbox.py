"""The outbox: events are put in with the rows they tell of, and taken out in that order once they were sent.

`position` counts up, whatever the clock does. A receiver of its own keeps the last position that it has seen and asks
for what comes `after` it.
"""

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from dealwire.warehouse import load, notes
from schemas.events import EVENTS, Event, Outgoing

_COLUMNS = "position, event_id, event, made_at, payload, attempts, tried_at"
_DROPPED = "outbox dropped to"
_TICK = timedelta(microseconds=1)


def add(con: duckdb.DuckDBPyConnection, events: Iterable[Event], *, now: datetime | None = None) -> int:
    """Put events in, in the caller's transaction; how many. Call it after the rows that they tell of were stored."""
    found = list(events)
    if not found:
        return 0
    first = last_position(con) + 1
    # Times are strictly in order, too, though the clock may be set back.
    newest = con.execute("SELECT max(made_at) FROM outbox").fetchone()
    at = now or datetime.now(UTC)
    if newest and newest[0] is not None:
        at = max(at, newest[0] + _TICK)
    rows = [
        {
            "position": position,
            "event_id": str(uuid.uuid4()),
            "event": one.name,
            "subject": one.subject(),
            "made_at": at + (position - first) * _TICK,
            "payload": one.model_dump_json(),
            "attempts": 0,
            "tried_at": None,
            "error": None,
            "sent_at": None,
        }
        for position, one in enumerate(found, first)
    ]
    return load.put(con, "outbox", rows)


def last_position(con: duckdb.DuckDBPyConnection) -> int:
    """The position of the newest event; 0 if there was none yet."""
    # The note is what stays when old events are dropped.
    row = con.execute(
        "SELECT greatest(coalesce((SELECT max(position) FROM outbox), 0), "
        "coalesce((SELECT max(value::BIGINT) FROM step_notes WHERE name = ?), 0))",
        [_DROPPED],
    ).fetchone()
    return int(row[0]) if row else 0


def after(
    con: duckdb.DuckDBPyConnection, position: int, *, names: Sequence[str] | None = None, limit: int = 200
) -> list[Outgoing]:
    """The events after a position, sent or not, oldest first; `names`: only of these kinds."""
    wanted = list(EVENTS) if names is None else list(names)
    return _found(
        con,
        f"SELECT {_COLUMNS} FROM outbox WHERE position > ? AND list_contains(?, event) ORDER BY position LIMIT ?",
        [position, wanted, limit],
    )


def unsent(con: duckdb.DuckDBPyConnection, *, limit: int = 200) -> list[Outgoing]:
    """The events that no Prefect server is known to have, oldest first."""
    return _found(
        con,
        f"SELECT {_COLUMNS} FROM outbox WHERE sent_at IS NULL AND list_contains(?, event) ORDER BY position LIMIT ?",
        [list(EVENTS), limit],
    )


def unsent_count(con: duckdb.DuckDBPyConnection) -> int:
    """How many events wait."""
    row = con.execute("SELECT count(*) FROM outbox WHERE sent_at IS NULL").fetchone()
    return int(row[0]) if row else 0


def note_tried(con: duckdb.DuckDBPyConnection, event_ids: Sequence[str], at: datetime, error: str | None) -> None:
    """Count a try to send these events, and keep what it failed with."""
    con.execute(
        "UPDATE outbox SET attempts = attempts + 1, tried_at = ?, error = ? WHERE list_contains(?, event_id)",
        [at, error, list(event_ids)],
    )


def note_sent(con: duckdb.DuckDBPyConnection, event_ids: Sequence[str], at: datetime) -> None:
    """These events have arrived."""
    con.execute(
        "UPDATE outbox SET sent_at = ?, error = NULL WHERE sent_at IS NULL AND list_contains(?, event_id)",
        [at, list(event_ids)],
    )


def note_refused(con: duckdb.DuckDBPyConnection, event_ids: Sequence[str], at: datetime, error: str) -> None:
    """A server will never take these events; they are not tried again."""
    con.execute(
        "UPDATE outbox SET sent_at = ?, error = ? WHERE list_contains(?, event_id)", [at, error, list(event_ids)]
    )


def drop_old(con: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """Forget events made before a time, sent or not; how many. Positions go on counting."""
    row = con.execute("SELECT max(position), count(*) FROM outbox WHERE made_at < ?", [before]).fetchone()
    if not row or not row[1]:
        return 0
    notes.put(con, _DROPPED, str(row[0]))
    con.execute("DELETE FROM outbox WHERE made_at < ?", [before])
    return int(row[1])


def _found(con: duckdb.DuckDBPyConnection, query: str, given: list[Any]) -> list[Outgoing]:
    return [
        Outgoing(
            position=position,
            event_id=event_id,
            made_at=made_at,
            attempts=attempts,
            tried_at=tried_at,
            event=EVENTS[name].model_validate(json.loads(payload)),
        )
        for position, event_id, name, made_at, payload, attempts, tried_at in con.execute(query, given).fetchall()
    ]
