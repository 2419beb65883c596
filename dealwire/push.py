"""Push: subscriptions are asked for, renewed and ended; polling goes on where a hub is silent.

A delivery moves the feed's next poll a few hours away. So polling steps back while a hub delivers, and is back by
itself when it does not.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from dealwire import steps
from dealwire.feeds import websub
from dealwire.settings import Settings
from dealwire.warehouse import queries, subscriptions
from schemas import Feed
from schemas.errors import DealwireError, InvalidInput
from schemas.subscription import Subscription

_LOOK_AGAIN = timedelta(days=7)
_ASK_AGAIN = timedelta(hours=1)
_AFTER_DENIAL = timedelta(days=1)
# A hub may be a little later than a poll that came by chance at the right moment.
_GRACE = timedelta(hours=1)


def callback_of(settings: Settings, token: str) -> str:
    """The address that a hub calls."""
    return f"{settings.websub_callback.rstrip('/')}/{token}"


def keep(
    settings: Settings, *, now: Callable[[], datetime] | None = None, progress: steps.Progress | None = None
) -> list[Subscription]:
    """Look for hubs, ask for subscriptions that are missing, and renew those about to end; what was asked for.

    Call it from time to time, with the callback listening. Raises `InvalidInput` without `websub_callback`.
    """
    if not settings.websub_callback:
        raise InvalidInput("set websub_callback to the public address of the callback first")
    clock = now or _now
    store = steps.warehouse(settings)
    with store.write() as db:
        feeds = {feed.feed_id: feed for feed in queries.feeds(db) if not feed.paused}
        known = subscriptions.all_of_them(db)
        late = subscriptions.overtaken(db, clock() - _GRACE)
        silent = [known[one].model_copy(update={"state": "silent"}) for one in late]
        subscriptions.store(db, silent)
        known |= {one.feed_id: one for one in silent}
    unknown = [feed for feed in feeds.values() if _to_look_at(known.get(feed.feed_id), clock())]
    looked_at = {one.feed_id: one for one in _look(unknown, known, settings, clock, progress)}
    known |= looked_at
    lease = timedelta(hours=settings.websub_lease_hours)
    due = [known[one] for one in feeds if one in known and _to_ask(known[one], clock(), lease)]
    asked = [
        one.model_copy(
            update={
                "state": "active" if one.state == "active" else "asked",
                "secret": one.secret or secrets.token_hex(24),
                "requested_at": clock(),
                "error": None,
            }
        )
        for one in due
    ]
    # Stored first: a hub may call back before it has answered.
    with store.write() as db:
        subscriptions.store(db, {one.feed_id: one for one in (*looked_at.values(), *asked)}.values())

    def ask(hubs: websub.Hubs, one: Subscription) -> None:
        hubs.subscribe(
            one.hub or "",
            topic=one.topic or "",
            callback=callback_of(settings, one.token),
            secret=one.secret or "",
            lease_seconds=int(lease.total_seconds()),
        )

    _ask_all(settings, asked, ask, progress)
    return asked


def end(
    settings: Settings, *, feed_ids: Sequence[str] | None = None, progress: steps.Progress | None = None
) -> list[Subscription]:
    """Ask the hubs to deliver no more, for all feeds or the ones given; what was asked for.

    The hubs ask back, so the callback has to be listening.
    """
    store = steps.warehouse(settings)
    with store.write() as db:
        ending = [
            one.model_copy(update={"state": "ending", "requested_at": _now()})
            for one in subscriptions.all_of_them(db).values()
            if one.hub and one.state in ("asked", "active", "silent") and (feed_ids is None or one.feed_id in feed_ids)
        ]
        subscriptions.store(db, ending)

    def ask(hubs: websub.Hubs, one: Subscription) -> None:
        hubs.unsubscribe(one.hub or "", topic=one.topic or "", callback=callback_of(settings, one.token))

    _ask_all(settings, ending, ask, progress)
    return ending


def _to_look_at(one: Subscription | None, now: datetime) -> bool:
    return one is None or (one.state == "none" and one.checked_at <= now - _LOOK_AGAIN)


def _to_ask(one: Subscription, now: datetime, lease: timedelta) -> bool:
    if one.hub is None or one.state in ("ending", "ended"):
        return False
    asked = one.requested_at
    if asked is None:
        return True
    if one.state in ("denied", "silent"):
        return asked <= now - _AFTER_DENIAL
    if one.state == "asked":
        return asked <= now - _ASK_AGAIN
    if one.expires_at is None or one.verified_at is None:
        return False
    # The last tenth of the lease, but an hour at least, if the lease is not shorter than that itself.
    whole = one.expires_at - one.verified_at
    margin = max(whole / 10, min(timedelta(hours=1), whole / 2))
    return now >= one.expires_at - margin and (asked <= now - _ASK_AGAIN or asked <= one.verified_at)


def _look(
    feeds: Sequence[Feed],
    known: dict[str, Subscription],
    settings: Settings,
    clock: Callable[[], datetime],
    progress: steps.Progress | None,
) -> Iterator[Subscription]:
    """The feeds' hubs; a feed that does not answer now is looked at again another time."""
    if not feeds:
        return

    def look(feed: Feed) -> Subscription | None:
        try:
            answer = client.fetch(feed.url)
        except DealwireError:
            return None
        found = websub.advertised(answer.headers, answer.body, url=answer.url)
        token = known[feed.feed_id].token if feed.feed_id in known else secrets.token_urlsafe(24)
        return Subscription(
            feed_id=feed.feed_id,
            token=token,
            hub=found.hub if found else None,
            topic=found.topic if found else None,
            checked_at=clock(),
        )

    with steps.client(settings) as client, ThreadPoolExecutor(settings.fetch_at_once) as pool:
        for done, one in enumerate(pool.map(look, feeds), 1):
            if progress:
                progress("hubs", done, len(feeds))
            if one is not None:
                yield one


def _ask_all(
    settings: Settings,
    asked: Sequence[Subscription],
    ask: Callable[[websub.Hubs, Subscription], None],
    progress: steps.Progress | None,
) -> None:
    """Ask all hubs; what one of them says against it is stored."""

    def told(one: Subscription) -> str | None:
        try:
            ask(hubs, one)
        except DealwireError as error:
            return str(error)
        return None

    refused: dict[str, str] = {}
    with steps.client(settings) as client, ThreadPoolExecutor(8) as pool:
        hubs = websub.Hubs(client)
        for done, (one, error) in enumerate(zip(asked, pool.map(told, asked), strict=True), 1):
            if progress:
                progress("subscribe", done, len(asked))
            if error:
                refused[one.feed_id] = error[:300]
    if refused:
        with steps.warehouse(settings).write() as db:
            known = subscriptions.all_of_them(db)
            subscriptions.store(db, (known[one].model_copy(update={"error": said}) for one, said in refused.items()))


def _now() -> datetime:
    return datetime.now(UTC)
