"""When a publisher says to come again: Retry-After, Cache-Control, Expires, and what RSS has for it."""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

_PERIODS = {"hourly": 3600, "daily": 86400, "weekly": 7 * 86400, "monthly": 30 * 86400, "yearly": 365 * 86400}
_DAYS = {name.lower(): at for at, name in enumerate(calendar.day_name)}
# What is said of the whole feed stands before its first entry; some generators put it at the very end instead.
_HEAD, _TAIL = 65_536, 4_096
_ENTRY = re.compile(rb"<(?:item|entry)[\s>]", re.IGNORECASE)


class Hints(NamedTuple):
    """What a feed says of its own rhythm. Hours 0 to 23 in UTC; days count from Monday, 0."""

    every: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


def hints(body: bytes) -> Hints:
    """`ttl`, `sy:updatePeriod`, `skipHours` and `skipDays` of a feed; nothing of it for other formats."""
    first = _ENTRY.search(body, 0, _HEAD)
    head = body[: first.start() if first else _HEAD] + body[-_TAIL:]
    said = []
    if ttl := re.search(rb"<ttl>\s*(\d{1,6})\s*</ttl>", head):
        said.append(timedelta(minutes=int(ttl[1])))
    if period := re.search(rb"<sy:updatePeriod>\s*([a-z]+)\s*<", head, re.IGNORECASE):
        seconds = _PERIODS.get(period[1].decode().lower())
        often = re.search(rb"<sy:updateFrequency>\s*(\d{1,4})\s*<", head, re.IGNORECASE)
        if seconds:
            said.append(timedelta(seconds=seconds / max(1, int(often[1]) if often else 1)))
    return Hints(
        every=max(said) if said else None,
        skip_hours=tuple(sorted({int(one) % 24 for one in _inside(head, b"skipHours", rb"<hour>\s*(\d{1,2})\s*<")})),
        skip_days=tuple(
            sorted(
                {
                    _DAYS[name]
                    for one in _inside(head, b"skipDays", rb"<day>\s*([A-Za-z]+)\s*<")
                    if (name := one.decode().lower()) in _DAYS
                }
            )
        ),
    )


def max_age(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """For how long the answer is fresh, by Cache-Control or else Expires; None if nothing sensible is said."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    if age := re.search(r"\bmax-age\s*=\s*\"?(\d{1,9})", control):
        held = re.fullmatch(r"\d{1,9}", headers.get("age", "").strip())
        return timedelta(seconds=max(0, int(age[1]) - (int(held[0]) if held else 0)))
    if (until := _http_date(headers.get("expires"))) is not None:
        # Both clocks are the server's, so that a wrong one does not matter.
        return max(timedelta(0), until - (_http_date(headers.get("date")) or now))
    return None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """The seconds of Retry-After, as a number or a date; None if it is missing or cannot be read."""
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", said):
        return float(said)
    until = _http_date(said)
    return None if until is None else max(0.0, (until - now).total_seconds())


def _inside(head: bytes, element: bytes, each: bytes) -> list[bytes]:
    start = head.find(b"<" + element + b">")
    end = head.find(b"</" + element + b">", start)
    return re.findall(each, head[start:end]) if 0 <= start < end else []


def _http_date(text: str | None) -> datetime | None:
    if not text or not text.strip():
        return None
    try:
        when = parsedate_to_datetime(text.strip())
        return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
