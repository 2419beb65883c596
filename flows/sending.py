"""Sending: events of the outbox go to the Prefect server in their order, and stay in it until they are stored there.

A server takes events into its memory first and stores them seconds later; killed in between, it loses them. So an event
counts as sent when the server shows it, and is handed over again when it does not: its id is the same, and the server
takes what it knows already for what it is.

Every event's resource carries two labels: `dealwire.database`, the warehouse, and `dealwire.next`, which is "due" when
nobody works on yet and "running" when the process that sends it goes on with the next step itself. Deployments react to
"due" only.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import PrefectHTTPStatusError

from dealwire.settings import Settings
from dealwire.steps import warehouse
from dealwire.warehouse import outbox
from flows import tasks
from schemas import SendReport
from schemas.events import Outgoing
from schemas.ids import slug

_AT_ONCE = 50
_SETTLED_AFTER = 3.0
"""Seconds. A server that has just come back answers before its services listen: what it takes then it loses, and for
five minutes it takes what is handed over again for known."""
_STORED_WITHIN = timedelta(seconds=8)
"""A server stores what it has taken within 5 s; what it does not show after this is lost."""
_KEPT = timedelta(days=6)
"""Servers forget events after 7 days, so older ones need not show up."""
_MOST_RELATED = 100


class _Server:
    """From when on the server that this process sends to has answered long enough; None while it is away."""

    def __init__(self) -> None:
        self._settled_at: float | None = 0.0

    def failed(self) -> None:
        self._settled_at = None

    def settled(self, client: SyncPrefectClient) -> bool:
        """Whether it has answered long enough."""
        if self._settled_at is None or time.monotonic() < self._settled_at:
            client.request("GET", "/health")
        if self._settled_at is None:
            self._settled_at = time.monotonic() + _SETTLED_AFTER
        return time.monotonic() >= self._settled_at


_server = _Server()
_next: ContextVar[str] = ContextVar("next", default="due")


@contextlib.contextmanager
def carrying_on() -> Iterator[None]:
    """What is sent in this block is followed by the next step, so it wakes no deployment."""
    token = _next.set("running")
    try:
        yield
    finally:
        _next.reset(token)


def send(settings: Settings, *, now: Callable[[], datetime] | None = None, most: int = 500) -> SendReport:
    """Send what waits in the outbox, oldest first. A server that does not answer is told in the report."""
    clock, store = now or (lambda: datetime.now(UTC)), warehouse(settings)
    if not store.exists():
        return SendReport()
    with store.read() as con:
        waiting = outbox.unsent(con, limit=most)
    if not waiting:
        return SendReport()
    arrived: set[str] = set()
    tried: list[str] = []
    refused: dict[str, str] = {}
    error: str | None = None
    try:
        with get_client(sync_client=True) as client:
            if not _server.settled(client):
                return SendReport(waiting=len(waiting))
            arrived = _stored(client, [one for one in waiting if one.tried_at is not None])
            at = clock()
            missing = [one for one in waiting if one.event_id not in arrived]
            # What was just handed over is on its way; what comes after it may follow.
            out = [
                one for one in missing if one.tried_at is None or not timedelta() <= at - one.tried_at < _STORED_WITHIN
            ]
            for place in range(0, len(out), _AT_ONCE):
                batch = out[place : place + _AT_ONCE]
                refused |= _hand_over(client, batch, settings)
                tried += [one.event_id for one in batch if one.event_id not in refused]
                arrived |= {one.event_id for one in batch if at - one.made_at > _KEPT}
    except (httpx.HTTPError, RuntimeError) as failed:
        # Prefect's client turns a refused first connection into a plain RuntimeError.
        _server.failed()
        error = str(failed).split("\n")[0][:300] or type(failed).__name__
    if not (arrived or tried or refused):
        # Nothing to note: an outage writes nothing, however long it lasts.
        return SendReport(waiting=len(waiting), error=error)
    with store.write() as con:
        at = clock()
        if tried:
            outbox.note_tried(con, tried, at, None)
        if arrived:
            outbox.note_sent(con, list(arrived), at)
        for event_id, reason in refused.items():
            outbox.note_refused(con, [event_id], at, reason)
        left = outbox.unsent_count(con)
    return SendReport(sent=len(tried), arrived=len(arrived), waiting=left, error=error)


def send_unless_warm(settings: Settings) -> None:
    """Send, at the end of a flow; in the warm worker that is left to its own lane, so that news is not kept waiting."""
    if not tasks.warm():
        send(settings)


def as_prefect(one: Outgoing, settings: Settings, *, following: str = "due") -> dict[str, Any]:
    """The event as Prefect's API takes it."""
    database = settings.place
    home = f"dealwire.warehouse.{slug(settings.database.stem)}"
    subject = one.event.subject()
    labels = {"dealwire.database": database, "dealwire.next": following, **one.event.labels()}
    related = one.event.related()
    if subject != "warehouse":
        related = [{"prefect.resource.id": home, "prefect.resource.role": "warehouse"}, *related]
    return {
        "id": one.event_id,
        "occurred": one.made_at.isoformat(),
        "event": one.event.name,
        "resource": {"prefect.resource.id": home if subject == "warehouse" else f"dealwire.{subject}", **labels},
        "related": related[:_MOST_RELATED],
        "payload": {"database": database, **one.payload()},
    }


def _hand_over(client: SyncPrefectClient, batch: Sequence[Outgoing], settings: Settings) -> dict[str, str]:
    """Give a batch to the server; the ids of those that it will never take, with why."""
    body = [as_prefect(one, settings, following=_next.get()) for one in batch]
    try:
        client.request("POST", "/events", json=body)
    except PrefectHTTPStatusError as error:
        if error.response.status_code not in (400, 413, 422):
            raise
        if len(batch) > 1:
            # One that cannot be taken must not stop the others.
            halves = (batch[: len(batch) // 2], batch[len(batch) // 2 :])
            return _hand_over(client, halves[0], settings) | _hand_over(client, halves[1], settings)
        return {batch[0].event_id: f"refused by the server: {error}"[:300]}
    return {}


def _stored(client: SyncPrefectClient, tried: Sequence[Outgoing]) -> set[str]:
    """Which of these events the server shows."""
    found: set[str] = set()
    for place in range(0, len(tried), _AT_ONCE):
        batch = tried[place : place + _AT_ONCE]
        times = [one.made_at for one in batch]
        wanted = {
            "id": {"id": [one.event_id for one in batch]},
            "occurred": {
                "since": (min(times) - timedelta(seconds=1)).isoformat(),
                "until": (max(times) + timedelta(seconds=1)).isoformat(),
            },
        }
        answer = client.request("POST", "/events/filter", json={"filter": wanted, "limit": _AT_ONCE})
        found |= {str(one["id"]) for one in answer.json()["events"]}
    return found
