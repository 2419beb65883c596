"""A round of telling: what the outbox holds of alliances becomes deliveries, and what is due is delivered.

A delivery that has left, and one that was taken, is written down in the journal at once, and marked in the warehouse
afterwards. So whatever is stopped when, the next round knows what was delivered.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import duckdb

from dealwire import steps
from dealwire.feeds.client import Client
from dealwire.notify import command, journal, mail, message, webhook
from dealwire.notify.fits import fits
from dealwire.settings import Settings
from dealwire.warehouse import outbox, queries, subscribers
from schemas import NotifyReport
from schemas.errors import DeliveryFailed, InvalidInput, WarehouseMissing
from schemas.events import AllianceAnnounced, AllianceUpdated, Outgoing
from schemas.ids import content_id
from schemas.subscriber import Delivery, DeliveryState, Subscriber, SubscriberKind

_BATCH = 100
_AT_ONCE = 8
# After the first failed try, the second, and so on: two days and a half in all.
_WAITS = [timedelta(seconds=one) for one in (30, 90, 300, 900, 2700, 7200, 21_600, 43_200)]
_NEWS = (AllianceAnnounced.name, AllianceUpdated.name)


class _Tried(NamedTuple):
    """A delivery after a try. `reached` is False where the next one would fare no better."""

    delivery: Delivery
    reached: bool


class _Round(NamedTuple):
    """What a thread needs to deliver."""

    settings: Settings
    client: Client
    journal: journal.Journal
    clock: Callable[[], datetime]


def tell(
    settings: Settings, *, progress: steps.Progress | None = None, now: Callable[[], datetime] | None = None
) -> NotifyReport:
    """Tell the subscribers what they have not been told yet; safe to call at any time, from any process.

    Each alliance is told to a subscriber once, when it first fits its filters; changes only to those who want updates.
    What fails is in the report and is tried again by the first call after `next_at`.
    """
    clock = now or (lambda: datetime.now(UTC))
    store = steps.warehouse(settings)
    try:
        with store.read() as db:
            there = len(subscribers.all_of_them(db))
    except WarehouseMissing:
        there = 0
    report = NotifyReport(subscribers=there)
    if not there:
        return report
    with (
        store.alone("tell"),
        journal.held(settings.database, wait_seconds=settings.lock_seconds) as notes,
    ):
        while True:
            with store.write() as db:
                repaired = subscribers.settle(db, notes.delivered())
                queued = queue(db, clock())
                due = subscribers.due(db, clock(), _BATCH)
                whom = {one.subscriber_id: one for one in subscribers.all_of_them(db)}
                waiting, next_at = subscribers.waiting(db)
            notes.clear()
            report = report.model_copy(
                update={
                    "repaired": report.repaired + repaired,
                    "queued": report.queued + queued,
                    "waiting": waiting,
                    "next_at": next_at,
                }
            )
            if progress:
                progress("tell", report.sent, report.sent + len(due))
            if not due:
                return report
            with steps.client(settings, delay=0) as client:
                tried = _deliver(_Round(settings, client, notes, clock), due, whom)
            with store.write() as db:
                _store(db, tried)
            notes.clear()
            report = _counted(report, tried, whom)


def try_out(settings: Settings, subscriber: Subscriber) -> None:
    """Send a subscriber an example, marked as a test; nothing of it is stored. Raises `DeliveryFailed`."""
    now = datetime.now(UTC)
    event = message.example()
    delivery_id = content_id("test", subscriber.subscriber_id, now.isoformat())
    body = message.body(event, delivery_id=delivery_id, at=now, kind=message.TEST)
    delivery = Delivery(
        delivery_id=delivery_id,
        subscriber_id=subscriber.subscriber_id,
        event_id="",
        event=message.TEST,
        alliance_id=event.alliance_id,
        title=event.title,
        state=DeliveryState.WAITING,
        body=body,
        queued_at=now,
    )
    with steps.client(settings, delay=0) as client:
        _send(settings, client, subscriber, delivery, now, lambda: None)


def queue(con: duckdb.DuckDBPyConnection, now: datetime) -> int:
    """Make deliveries of the events that subscribers have not been looked at for; how many are to be made.

    In the caller's transaction. An alliance that does not fit is remembered, so that it is told when a change makes it
    fit.
    """
    last, queued, moved = outbox.last_position(con), 0, []
    for subscriber in subscribers.all_of_them(con):
        if subscriber.paused or subscriber.position >= last:
            continue
        parties = _parties(con, subscriber)
        position = subscriber.position
        while events := outbox.after(con, position, names=_NEWS, limit=200):
            for one in events:
                queued += _queue(con, subscriber, one, parties, now)
            position = events[-1].position
        moved.append(subscriber.model_copy(update={"position": last}))
    subscribers.store(con, moved)
    return queued


def _queue(
    con: duckdb.DuckDBPyConnection, subscriber: Subscriber, one: Outgoing, parties: Sequence[str], now: datetime
) -> bool:
    event = one.event
    if not isinstance(event, AllianceAnnounced):
        return False
    update = event if isinstance(event, AllianceUpdated) else None
    ids = [event.alliance_id, *([update.previous_id] if update and update.previous_id else [])]
    known = subscribers.known(con, subscriber.subscriber_id, ids)
    # From now on it goes by its new id.
    subscribers.put(con, [old.model_copy(update={"alliance_id": event.alliance_id}) for old in known])
    told = any(old.state is not DeliveryState.UNFIT for old in known)
    if any(old.event_id == one.event_id for old in known) or (told and not (update and subscriber.updates)):
        return False
    # What was announced before there was this subscriber is no news to it; its changes are, if it wants changes.
    if update and not known and not subscriber.updates:
        return False
    fitting = fits(subscriber, event, parties)
    if update and not fitting:
        return False
    delivery_id = content_id("delivery", subscriber.subscriber_id, one.event_id)
    delivery = Delivery(
        delivery_id=delivery_id,
        subscriber_id=subscriber.subscriber_id,
        event_id=one.event_id,
        event=event.name,
        alliance_id=event.alliance_id,
        title=event.title,
        position=one.position,
        state=DeliveryState.WAITING if fitting else DeliveryState.UNFIT,
        body=message.body(event, delivery_id=delivery_id, at=one.made_at) if fitting else None,
        queued_at=now,
        next_at=now if fitting else None,
    )
    subscribers.put(con, [delivery])
    return fitting


def _parties(con: duckdb.DuckDBPyConnection, subscriber: Subscriber) -> list[str]:
    """The names of its companies as they are now; one that no article has named keeps the user's."""
    found = []
    for name in subscriber.parties:
        with suppress(InvalidInput):
            found.append(queries.company_named(con, name))
        found.append(name)
    return found


def _deliver(round_: _Round, due: Sequence[Delivery], whom: dict[str, Subscriber]) -> list[_Tried]:
    """Try what is due, each subscriber's in order and several subscribers at once; as it stands afterwards."""
    queues: dict[str, list[Delivery]] = {}
    for one in due:
        queues.setdefault(one.subscriber_id, []).append(one)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        done = pool.map(lambda name: _deliver_to(round_, whom[name], queues[name]), queues)
        return [one for found in done for one in found]


def _deliver_to(round_: _Round, subscriber: Subscriber, due: Sequence[Delivery]) -> list[_Tried]:
    tried: list[_Tried] = []
    for one in due:

        def handed_over(delivery_id: str = one.delivery_id) -> None:
            round_.journal.on_its_way(delivery_id, round_.clock())

        try:
            _send(round_.settings, round_.client, subscriber, one, round_.clock(), handed_over)
        except DeliveryFailed as error:
            round_.journal.refused(one.delivery_id, round_.clock())
            failed = _failed(one, error, round_.clock(), round_.settings.notify_attempts)
            tried.append(_Tried(failed, error.reached))
            if not error.reached:
                break
        else:
            at = round_.clock()
            round_.journal.taken(one.delivery_id, at)
            tried.append(_Tried(subscribers.taken(one, at), True))
    return tried


def _send(
    settings: Settings,
    client: Client,
    subscriber: Subscriber,
    delivery: Delivery,
    now: datetime,
    handed_over: Callable[[], None],
) -> None:
    kind, seconds = subscriber.kind, settings.total_seconds
    if kind is SubscriberKind.EMAIL:
        try:
            server = mail.server(settings.smtp)
        except InvalidInput as error:
            raise DeliveryFailed(subscriber.target, error.reason, reached=False) from error
        sender = settings.smtp_from
        mail.send(server, sender, subscriber, delivery, seconds=seconds, handed_over=handed_over)
    elif kind is SubscriberKind.COMMAND:
        command.send(subscriber, delivery, seconds=seconds, handed_over=handed_over)
    elif kind is SubscriberKind.SLACK:
        webhook.send_slack(client, subscriber, delivery, handed_over=handed_over)
    else:
        webhook.send(client, subscriber, delivery, now=now, handed_over=handed_over)


def _failed(one: Delivery, error: DeliveryFailed, at: datetime, most: int) -> Delivery:
    attempts = one.attempts + 1
    over = error.lasting or attempts >= most
    wait = _WAITS[min(attempts, len(_WAITS)) - 1]
    return one.model_copy(
        update={
            "state": DeliveryState.DEAD if over else DeliveryState.WAITING,
            "attempts": attempts,
            "tried_at": at,
            "next_at": None if over else at + wait,
            "error": error.reason[:300],
        }
    )


def _store(con: duckdb.DuckDBPyConnection, tried: Sequence[_Tried]) -> None:
    """Store what became of deliveries; what waits behind one that reached nobody waits as long as that."""
    # A subscriber that was removed meanwhile stays removed.
    there = {one.subscriber_id for one in subscribers.all_of_them(con)}
    kept = [(one, reached) for one, reached in tried if one.subscriber_id in there]
    subscribers.put(con, (one for one, _ in kept))
    for one, reached in kept:
        if not reached and one.next_at is not None:
            subscribers.hold_back(con, one.subscriber_id, one.next_at)


def _counted(report: NotifyReport, tried: Sequence[_Tried], whom: dict[str, Subscriber]) -> NotifyReport:
    failed = [one for one, _ in tried if one.state is not DeliveryState.SENT]
    errors = tuple(f"{whom[one.subscriber_id].name}: {one.error}" for one in failed)
    return report.model_copy(
        update={
            "sent": report.sent + len(tried) - len(failed),
            "failed": report.failed + sum(one.state is DeliveryState.WAITING for one in failed),
            "dead": report.dead + sum(one.state is DeliveryState.DEAD for one in failed),
            "errors": tuple(dict.fromkeys(report.errors + errors)),
        }
    )
