"""Polling: visit feeds, ask only for what changed, and know when to come again."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta

from dealwire.feeds import parse
from dealwire.feeds.client import Client
from schemas import Feed, Poll, Polled, PollStatus
from schemas.errors import AddressRefused, BodyTooLarge, DealwireError, FeedUnreachable

_LONGEST = timedelta(hours=24)


def poll(feeds: Sequence[Feed], *, client: Client, now: Callable[[], datetime], every: timedelta) -> Iterator[Polled]:
    """Visit the feeds, several at once; each comes back as it finishes, a failing one with its error in one line."""
    with ThreadPoolExecutor(max_workers=client.at_once) as pool:
        futures = [pool.submit(_poll_one, feed, client, now, every) for feed in feeds]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            for future in futures:
                future.cancel()


def _poll_one(feed: Feed, client: Client, now: Callable[[], datetime], every: timedelta) -> Polled:
    at, started = now(), time.monotonic()
    try:
        answer = client.fetch(feed.url, etag=feed.etag, last_modified=feed.last_modified)
        digest = _hash(answer.body)
        unchanged = answer.status == 304 or digest == feed.body_hash
        parsed = (
            None
            if unchanged
            else parse.parse(answer.body, url=answer.url, content_type=answer.headers.get("content-type", ""))
        )
    except Exception as error:  # whatever one publisher sends must not stop the others
        return _failed(feed, error, at, time.monotonic() - started, every)
    healthy = {"last_polled_at": at, "last_ok_at": at, "next_due_at": at + every, "failures": 0, "last_error": None}
    visit = Poll(
        feed_id=feed.feed_id,
        url=feed.url,
        polled_at=at,
        status="not_modified" if parsed is None else "ok",
        http_status=answer.status,
        entries=len(parsed.entries) if parsed else 0,
        bytes=len(answer.body),
        seconds=time.monotonic() - started,
    )
    if parsed is None:
        return Polled(poll=visit, feed=feed.model_copy(update=healthy))
    update = healthy | {
        "title": feed.title or parsed.title,
        "site_url": parsed.site_url or feed.site_url,
        "etag": answer.headers.get("etag"),
        "last_modified": answer.headers.get("last-modified"),
        "body_hash": digest,
    }
    return Polled(poll=visit, feed=feed.model_copy(update=update), entries=parsed.entries)


def _failed(feed: Feed, error: Exception, at: datetime, seconds: float, every: timedelta) -> Polled:
    status: PollStatus = "error"
    http_status = None
    if isinstance(error, FeedUnreachable):
        http_status = error.status
        status = "gone" if http_status == 410 else "retry"
    elif isinstance(error, AddressRefused | BodyTooLarge):
        status = "refused"
    line = " ".join((str(error) if isinstance(error, DealwireError) else f"{feed.url}: {error!r}").split())[:300]
    failures = feed.failures + 1
    # Twice as long after each failure, but never longer than a day: a feed that comes back is noticed.
    pause = min(_LONGEST, max(every, timedelta(minutes=1)) * 2 ** min(failures - 1, 10)) if every else timedelta(0)
    update = {"last_polled_at": at, "next_due_at": at + pause, "failures": failures, "last_error": line}
    visit = Poll(
        feed_id=feed.feed_id,
        url=feed.url,
        polled_at=at,
        status=status,
        http_status=http_status,
        seconds=seconds,
        error=line,
    )
    return Polled(poll=visit, feed=feed.model_copy(update=update))


def _hash(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()
