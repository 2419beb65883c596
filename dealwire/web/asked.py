"""What stands in a page's address: filters and the part of a list, read leniently, for anybody may have typed it."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from math import isfinite

from dealwire.warehouse.listing import Wanted
from schemas import DealKind, DealStatus

PART = 30
"""Alliances or articles on a page."""
_PARTS_MOST = 10_000
PERIODS = (("7", "Last week"), ("30", "Last month"), ("91", "Last quarter"), ("365", "Last year"))
AMOUNTS = (("1e6", "$1M"), ("1e7", "$10M"), ("1e8", "$100M"), ("1e9", "$1B"), ("1e10", "$10B"))
CONFIDENCES = (("0.5", "likely (0.5)"), ("0.8", "sure (0.8)"))


def asked(given: Mapping[str, str], today: date) -> Wanted:
    """The filters; what cannot be read counts as not given. `period` is a number of days until today."""
    days = _number(given.get("period"))
    since = _day(given.get("since"))
    if since is None and days is not None and 0 < days < 40_000:
        since = date.fromordinal(today.toordinal() - int(days))
    kind, status = given.get("kind"), given.get("status")
    return Wanted(
        company=(given.get("company") or "").strip()[:200] or None,
        kind=DealKind(kind) if kind in set(DealKind) else None,
        status=DealStatus(status) if status in set(DealStatus) else None,
        since=since,
        until=_day(given.get("until")),
        min_usd=_number(given.get("min_usd")),
        min_confidence=_number(given.get("confidence")),
        confirmed=given.get("confirmed") in ("1", "true", "on", "yes"),
    )


def part(given: Mapping[str, str]) -> int:
    """Which part of a list is asked for, counted from 1."""
    found = _number(given.get("page"))
    return min(_PARTS_MOST, max(1, int(found))) if found is not None else 1


def words(given: Mapping[str, str]) -> str:
    """What is searched for."""
    return " ".join(given.get("q", "").split())[:200]


def _number(text: str | None) -> float | None:
    with suppress(TypeError, ValueError):
        value = float(text or "")
        return value if isfinite(value) and 0 <= value < 1e18 else None
    return None


def _day(text: str | None) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text) if text else None
    return None
