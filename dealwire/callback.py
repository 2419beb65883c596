"""The WebSub callback: an ASGI app of its own, to be served alone or mounted in another app.

`GET /TOKEN` is a hub that asks whether it was asked; `POST /TOKEN` is a delivery. A delivery that is not signed with
the subscription's secret is acknowledged and ignored, as the standard wants it.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dealwire import steps
from dealwire.feeds import articles, websub
from dealwire.feeds.parsers import Parsers
from dealwire.settings import Settings
from dealwire.warehouse import load, queries, subscriptions
from schemas import Poll, Polled
from schemas.errors import DealwireError, FeedUnreadable, Retryable, WarehouseMissing
from schemas.subscription import Subscription

_LONGEST_CHALLENGE = 4096


def application(
    settings: Settings, *, now: Callable[[], datetime] | None = None, parsers: Parsers | None = None
) -> Starlette:
    """The app; it keeps no state but the warehouse that the settings name, and the processes that parse."""
    clock = now or (lambda: datetime.now(UTC))
    parsing = parsers or steps.parsers(settings)
    limit = int(settings.max_megabytes * 1_000_000)

    async def verify(request: Request) -> Response:
        given = request.query_params
        try:
            agreed = await run_in_threadpool(_verified, settings, request.path_params["token"], dict(given), clock())
        except Retryable as error:
            return PlainTextResponse(str(error), 503)
        if not agreed:
            return PlainTextResponse("nobody here has asked for that", 404)
        # As text: a challenge is anybody's, and must not be shown as a page.
        return PlainTextResponse(given.get("hub.challenge", ""))

    async def receive(request: Request) -> Response:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > limit:
                return PlainTextResponse("too large", 413)
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            known = await run_in_threadpool(
                _received, settings, parsing, request.path_params["token"], bytes(body), headers, clock()
            )
        except Retryable as error:
            return PlainTextResponse(str(error), 503)
        # 410 makes a hub forget a subscription that nobody knows any more.
        return Response(status_code=202 if known else 410)

    return Starlette(
        routes=[
            Route("/{token}", verify, methods=["GET"]),
            Route("/{token}", receive, methods=["POST"]),
        ]
    )


def _verified(settings: Settings, token: str, given: dict[str, str], now: datetime) -> bool:
    mode, topic = given.get("hub.mode", ""), given.get("hub.topic", "")
    with steps.warehouse(settings).write() as db:
        one = subscriptions.of_token(db, token)
        if one is None or topic != one.topic:
            return False
        if mode == "denied":
            reason = " ".join(given.get("hub.reason", "").split())[:200]
            update: dict[str, object] = {
                "state": "denied",
                "error": f"the hub denied it{': ' + reason if reason else ''}",
            }
        elif not 0 < len(given.get("hub.challenge", "")) <= _LONGEST_CHALLENGE:
            return False
        elif mode == "subscribe" and one.requested_at and one.state in ("asked", "active", "silent"):
            seconds = _seconds(given.get("hub.lease_seconds"), settings.websub_lease_hours * 3600)
            update = {
                "state": "active",
                "verified_at": now,
                "expires_at": now + timedelta(seconds=seconds),
                "error": None,
            }
        elif mode == "unsubscribe" and one.state in ("ending", "ended"):
            update = {"state": "ended", "expires_at": now, "error": None}
        else:
            return False
        subscriptions.store(db, [one.model_copy(update=update)])
    return True


def _received(
    settings: Settings, parsers: Parsers, token: str, body: bytes, headers: dict[str, str], now: datetime
) -> bool:
    """Store what a hub delivers; False if nobody has asked for it."""
    store = steps.warehouse(settings)
    try:
        with store.read() as db:
            one = subscriptions.of_token(db, token)
            feed = next((feed for feed in queries.feeds(db) if one and feed.feed_id == one.feed_id), None)
    except WarehouseMissing:
        return False
    if one is None or feed is None or one.state in ("none", "denied", "ended"):
        return False
    if not websub.signed(body, headers.get("x-hub-signature"), one.secret or ""):
        _note(settings, one, "a delivery without the right signature was ignored")
        return True
    url = one.topic or feed.url
    try:
        parsed = parsers.parse(body, url=url, content_type=headers.get("content-type", ""))
    except FeedUnreadable as error:
        _note(settings, one, str(error))
        return True
    listed = [
        (feed.feed_id, entry, articles.from_entry(entry, feed_id=feed.feed_id, now=now)) for entry in parsed.entries
    ]
    visit = Poll(
        feed_id=feed.feed_id, url=url, polled_at=now, status="ok", entries=len(parsed.entries), bytes=len(body)
    )
    with store.write() as db:
        # As it is now: a poll may have come in between.
        feed = next((stored for stored in queries.feeds(db) if stored.feed_id == feed.feed_id), feed)
        later = now + timedelta(hours=settings.websub_poll_hours)
        due = max(later, feed.next_due_at) if feed.next_due_at else later
        fresh = feed.model_copy(update={"last_ok_at": now, "next_due_at": due})
        load.store_polled(db, [Polled(poll=visit, feed=fresh, entries=parsed.entries)], listed)
        one = subscriptions.of_token(db, token) or one
        state = one.state if one.state in ("ending", "ended") else "active"
        update = {"state": state, "last_push_at": now, "pushes": one.pushes + 1, "error": None}
        subscriptions.store(db, [one.model_copy(update=update)])
    return True


def _note(settings: Settings, one: Subscription, error: str) -> None:
    try:
        with steps.warehouse(settings).write() as db:
            subscriptions.store(db, [one.model_copy(update={"error": error[:300]})])
    except DealwireError:
        """A note is not worth more."""


def _seconds(given: str | None, otherwise: float) -> float:
    # A lease of a century would never be renewed.
    return min(float(given), 90 * 86_400) if given and given.isdigit() and len(given) < 12 else otherwise
