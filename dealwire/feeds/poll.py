"""Polling: visit feeds, ask only for what changed, learn when to come again, and never give one up in silence."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from dealwire.feeds import conditional, freshness, memory, parse, rounds, schedule, secrets
from dealwire.feeds.client import Client, Response
from dealwire.feeds.hosts import Place, host_key
from dealwire.feeds.parse import Parse, ParsedFeed
from schemas import Feed, Poll, Polled, PollStatus
from schemas.errors import (
    AddressRefused,
    BodyTooLarge,
    DealwireError,
    FeedHostile,
    FeedUnreachable,
    HostPaused,
)

# A move is believed when it was seen so often; a maintenance page is gone by then.
_SIGHTINGS = 3
# One round that reaches nobody at this many hosts says that the fault is here.
_HOSTS_OFFLINE = 3
_OFFLINE_PAUSE = timedelta(minutes=5)
# What is held back before it is handed on to be stored.
_BATCH_FEEDS, _BATCH_ENTRIES, _BATCH_SECONDS = 500, 2_000, 4.0


class Visit(NamedTuple):
    """How feeds are visited in one round."""

    client: Client
    parse: Parse
    now: Callable[[], datetime]
    rhythm: schedule.Rhythm
    minding_pauses: bool = True


def poll(
    feeds: Sequence[Feed],
    *,
    client: Client,
    now: Callable[[], datetime],
    every: timedelta,
    parser: Parse = parse.parse,
    shortest: timedelta = timedelta(minutes=10),
    longest: timedelta = timedelta(hours=24),
    at_once: int | None = None,
    minding_pauses: bool = True,
) -> Iterator[Polled]:
    """Visit the feeds, several at once; each comes back as it finishes, a failing one with its error in one line."""
    rhythm = schedule.Rhythm(every, min(shortest, every), max(longest, every))
    for batch in in_batches(feeds, Visit(client, parser, now, rhythm, minding_pauses), at_once or client.at_once):
        yield from batch


def in_batches(feeds: Sequence[Feed], visit: Visit, at_once: int) -> Iterator[list[Polled]]:
    """As `poll`, in batches worth a transaction; what has arrived is handed on while slow servers are waited for."""
    memory.keep_little()
    # Who failed the last time comes last, so that healthy feeds never wait for it.
    order = sorted(feeds, key=lambda feed: min(feed.failures, 3))
    results = rounds.each(
        order,
        lambda feed, place: _poll_one(feed, visit, place),
        host_of=lambda feed: host_key(feed.url),
        hosts=visit.client.hosts,
        at_once=at_once,
    )
    batch: list[Polled] = []
    unanswered: list[Polled] = []
    anybody = False
    entries, since = 0, time.monotonic()
    for one in results:
        if one is not None:
            if anybody or not _no_answer(one):
                batch.append(one)
                anybody = True
            else:
                unanswered.append(one)
            entries += len(one.entries)
        if anybody and unanswered:
            batch += unanswered
            unanswered = []
        late = time.monotonic() - since > _BATCH_SECONDS
        if batch and (len(batch) >= _BATCH_FEEDS or entries >= _BATCH_ENTRIES or late):
            del one
            yield batch
            batch, entries, since = [], 0, time.monotonic()
            memory.give_back()
    if len({urlsplit(one.feed.url).hostname for one in unanswered}) >= _HOSTS_OFFLINE:
        before = {feed.feed_id: feed for feed in feeds}
        unanswered = [_offline(one, before[one.feed.feed_id], visit) for one in unanswered]
    if batch or unanswered:
        yield batch + unanswered


def _poll_one(feed: Feed, visit: Visit, place: Place) -> Polled:
    at, started = visit.now(), time.monotonic()
    status: int | None = None
    try:
        sent = conditional.validators(feed, at)
        answer = visit.client.fetch(
            feed.url,
            etag=sent.get("etag"),
            last_modified=sent.get("last_modified"),
            headers=secrets.headers(feed.headers, url=feed.url),
            proxy=secrets.fill(feed.proxy, url=feed.url) if feed.proxy else None,
            place=place,
            minding_pauses=visit.minding_pauses,
        )
        status = answer.status
        # The host has done its part; its place is for the next one while this is parsed.
        place.answered = True
        visit.client.hosts.leave(place)
        asked = any(sent.values())
        if answer.status == 304 and not asked:
            raise FeedUnreachable(feed.url, "it says 304, not modified, though nothing was asked", 304, lasting=True)
        digest = _hash(answer.body)
        unchanged = answer.status == 304 or digest == feed.body_hash
        kind = answer.headers.get("content-type", "")
        parsed = None if unchanged else visit.parse(answer.body, url=answer.url, content_type=kind)
        return _answered(feed, answer, parsed, digest, asked, at, time.monotonic() - started, visit.rhythm)
    except Exception as error:  # whatever one publisher sends must not stop the others
        return _failed(feed, error, status, at, time.monotonic() - started, visit)
    finally:
        visit.client.done_with(place)


def _answered(
    feed: Feed,
    answer: Response,
    parsed: ParsedFeed | None,
    digest: str,
    asked: bool,
    at: datetime,
    seconds: float,
    rhythm: schedule.Rhythm,
) -> Polled:
    update: dict[str, Any] = {
        "last_polled_at": at,
        "last_ok_at": at,
        "failures": 0,
        "last_error": None,
        "failing_since": None,
        "gone_at": None,
        "quiet_polls": feed.quiet_polls + 1,
    }
    notes = []
    if answer.status == 304:
        update["unchanged"] = feed.unchanged + 1
    else:
        told = _told(parsed) if parsed else feed.entries_hash
        moved = told != feed.entries_hash and feed.entries_hash is not None
        update |= conditional.judged(feed, answer, asked=asked, moved=moved, at=at)
        if update.get("frozen") and not feed.frozen:
            notes.append("its ETag or Last-Modified stands still while the feed changes; they are no longer used")
    if parsed is not None:
        update |= {"title": feed.title or parsed.title, "site_url": parsed.site_url or feed.site_url}
        update |= {"body_hash": digest, "entries_hash": told, "listed": len(parsed.entries)}
        update |= _rhythm(feed, answer, parsed, moved or feed.entries_hash is None, at)
        if parsed.listed > len(parsed.entries) and parsed.listed > 1000:
            notes.append(f"it lists more than {len(parsed.entries)} entries; the first ones were taken")
    update |= _moved(feed, answer, at, notes)
    changed = feed.model_copy(update=update)
    due = schedule.due(changed, at, rhythm, fresh_for=freshness.max_age(answer.headers, at))
    visit = Poll(
        feed_id=feed.feed_id,
        url=feed.url,
        polled_at=at,
        status="not_modified" if parsed is None else "ok",
        http_status=answer.status,
        entries=len(parsed.entries) if parsed else 0,
        bytes=len(answer.body),
        seconds=seconds,
        note="; ".join(notes) or None,
    )
    return Polled(
        poll=visit,
        feed=changed.model_copy(update={"next_due_at": due}),
        entries=parsed.entries if parsed else (),
    )


def _rhythm(feed: Feed, answer: Response, parsed: ParsedFeed, moved: bool, at: datetime) -> dict[str, Any]:
    """What a parsed feed teaches about when it publishes."""
    dates = [one.published_at for one in parsed.entries]
    gap = schedule.usual_gap(dates, at)
    if gap is None and moved and feed.changed_at is not None and feed.entries_hash is not None:
        # Without dates, what counts is when changes were seen.
        seen = at - feed.changed_at
        gap = seen if feed.gap_seconds is None else 0.7 * timedelta(seconds=feed.gap_seconds) + 0.3 * seen
    elif gap is None and feed.gap_seconds is not None:
        gap = timedelta(seconds=feed.gap_seconds)
    update = schedule.learned(freshness.hints(answer.body), gap)
    if moved:
        newest = max((one for one in dates if one and one <= at), default=at)
        update |= {"changed_at": newest if feed.changed_at is None else at, "quiet_polls": 0}
    return update


def _moved(feed: Feed, answer: Response, at: datetime, notes: list[str]) -> dict[str, Any]:
    """Sightings of a permanent redirect; the address changes when there were enough and a feed was read there."""
    there = answer.moved_to
    if there is None or host_key(there) == "":
        return {"moved_to": None, "moved_seen": 0}
    seen = feed.moved_seen + 1 if there == feed.moved_to else 1
    if seen < _SIGHTINGS or answer.status == 304:
        return {"moved_to": there, "moved_seen": seen}
    notes.append(f"moved for good to {there}, which is polled from now on")
    return {"url": there, "moved_to": None, "moved_seen": 0}


def _failed(
    feed: Feed, error: Exception, http_status: int | None, at: datetime, seconds: float, visit: Visit
) -> Polled:
    line = " ".join((str(error) if isinstance(error, DealwireError) else f"{feed.url}: {error!r}").split())[:300]
    line = line.encode("utf-8", "replace").decode("utf-8")
    update: dict[str, Any] = {"last_polled_at": at, "last_error": line}
    if isinstance(error, HostPaused):
        # Not the feed's fault, and nothing was asked of it.
        return _visit(feed, "retry", None, line, at, seconds, {"next_due_at": error.until})
    status: PollStatus = "error"
    if isinstance(error, FeedUnreachable):
        http_status = error.status
        status = "gone" if http_status == 410 else "error" if error.lasting else "retry"
    elif isinstance(error, AddressRefused | BodyTooLarge | FeedHostile):
        status = "refused"
    failures = feed.failures + 1
    due: datetime | None = at + schedule.back_off(failures, visit.rhythm)
    asked = visit.client.hosts.paused_until(host_key(feed.url))
    if due is not None and asked is not None:
        due = max(due, asked) if visit.rhythm.usual else due
    if status == "gone":
        due = None
        update["gone_at"] = feed.gone_at or at
    update |= {"next_due_at": due, "failures": failures, "failing_since": feed.failing_since or at}
    return _visit(feed, status, http_status, line, at, seconds, update)


def _visit(
    feed: Feed,
    status: PollStatus,
    http_status: int | None,
    line: str,
    at: datetime,
    seconds: float,
    update: dict[str, Any],
) -> Polled:
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


def _no_answer(one: Polled) -> bool:
    return one.poll.status == "retry" and one.poll.http_status is None


def _offline(one: Polled, before: Feed, visit: Visit) -> Polled:
    """A failed visit in a round in which nobody could be reached: the feeds are not to blame."""
    at = one.poll.polled_at
    pause = min(_OFFLINE_PAUSE, visit.rhythm.usual)
    line = f"no host could be reached; is this machine offline? {one.poll.error}"[:300]
    update = {"last_polled_at": at, "next_due_at": at + pause}
    return Polled(
        poll=one.poll.model_copy(update={"error": line}),
        feed=before.model_copy(update=update),
    )


def _told(parsed: ParsedFeed) -> str:
    """A hash of the stories that a feed lists, whatever else changes in it."""
    return _hash("\x1f".join(f"{one.guid}\x1e{one.url}\x1e{one.title}" for one in parsed.entries).encode())


def _hash(body: bytes) -> str:
    return hashlib.blake2b(body, digest_size=16).hexdigest()
