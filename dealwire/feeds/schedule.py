"""When a feed is due again: by how often it publishes, by what it asks for, and by how long it has been failing."""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from dealwire.feeds.freshness import Hints
from schemas import Feed

# A feed is visited this many times in the time that it takes to bring one story.
_VISITS_A_STORY = 2
# A feed that has been silent for long is expected to be so a quarter as long again.
_SILENCE_COUNTS = 4
_NEWEST = 20
_OLDEST = timedelta(days=180)
# More than a weekend of skipped days is not believed.
_LONGEST_SKIP = timedelta(hours=72)


class Rhythm(NamedTuple):
    """`usual`: between polls of a feed of which nothing is known; zero means always due. Bounds of what is learned."""

    usual: timedelta
    shortest: timedelta = timedelta(minutes=10)
    longest: timedelta = timedelta(hours=24)


def usual_gap(dates: Iterable[datetime | None], now: datetime) -> timedelta | None:
    """The mean time between the newest stories; None if fewer than three have a date that can be believed."""
    known = sorted({one for one in dates if one and now - _OLDEST < one <= now}, reverse=True)[:_NEWEST]
    return (known[0] - known[-1]) / (len(known) - 1) if len(known) >= 3 else None


def due(feed: Feed, at: datetime, rhythm: Rhythm, *, fresh_for: timedelta | None = None) -> datetime:
    """When to poll a feed again that has answered at `at`. `fresh_for` is what its HTTP headers say."""
    if not rhythm.usual:
        return at
    wait = interval(feed, at, rhythm)
    asked = [one for one in (fresh_for, _seconds(feed.ttl_seconds)) if one is not None]
    if asked:
        most = rhythm.longest
        if feed.gap_seconds and feed.listed:
            # However long it asks for: before half of what it lists has been replaced, it is read.
            most = min(most, timedelta(seconds=feed.gap_seconds * feed.listed / 2))
        wait = max(wait, min(max(asked), most))
    return skipped(at + wait, feed.skip_hours, feed.skip_days)


def interval(feed: Feed, at: datetime, rhythm: Rhythm) -> timedelta:
    """The learned time between polls."""
    if feed.gap_seconds is None:
        # It changes rarely or has no dates: ever longer while nothing comes.
        growth = math.pow(1.5, min(feed.quiet_polls // 4, 20))
        return _within(rhythm.usual * growth, rhythm)
    silence = at - feed.changed_at if feed.changed_at else timedelta(0)
    expected = max(timedelta(seconds=feed.gap_seconds), silence / _SILENCE_COUNTS)
    return _within(expected / _VISITS_A_STORY, rhythm)


def back_off(failures: int, rhythm: Rhythm) -> timedelta:
    """How long to leave a feed alone after so many failures in a row: doubling, but never longer than a day."""
    if not rhythm.usual:
        return timedelta(0)
    first = max(rhythm.usual, timedelta(minutes=1))
    return max(rhythm.shortest, min(rhythm.longest, first * (1 << min(failures - 1, 10))))


def skipped(when: datetime, hours: Sequence[int], days: Sequence[int]) -> datetime:
    """The first moment from `when` on that lies in no hour or day (UTC) that the feed says to leave out."""
    found = when.astimezone(UTC)
    if len(set(hours)) >= 24 or len(set(days)) >= 7:
        return when
    while found.hour in hours or found.weekday() in days:
        found = found.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if found - when > _LONGEST_SKIP:
            return when
    return found


def learned(hints: Hints, gap: timedelta | None) -> dict[str, object]:
    """What a feed's own words and dates change in its record."""
    return {
        "gap_seconds": gap.total_seconds() if gap is not None else None,
        "ttl_seconds": hints.every.total_seconds() if hints.every is not None else None,
        "skip_hours": hints.skip_hours,
        "skip_days": hints.skip_days,
    }


def _within(wait: timedelta, rhythm: Rhythm) -> timedelta:
    return max(min(rhythm.shortest, rhythm.usual), min(rhythm.longest, wait))


def _seconds(found: float | None) -> timedelta | None:
    return timedelta(seconds=found) if found is not None else None
