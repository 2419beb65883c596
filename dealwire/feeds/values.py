"""Values as feeds print them, cleaned: links, words, dates, the hints for when to come again.

Like the readers beside it, this file runs in the parse worker and so needs nothing but the standard library.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from dealwire.feeds.text import plain_text

TITLE_LONGEST = 1_000
TEXT_LONGEST = 500_000
# A feed that lists more is a mistake or an attack; its first entries are the newest ones.
ENTRIES_MOST = 5_000
# Nearly all links, which need no joining.
_USUAL_LINK = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/[A-Za-z0-9/_.,=&?%+~-]*")
_HOSTILE = re.compile(r"\s*(?:javascript|vbscript|data|file):", re.IGNORECASE)
_BLANKS = re.compile(r"[\x00-\x20]+")
_MONTHS = {name.lower(): at for at, name in enumerate(calendar.month_abbr)}
_ZONES = {"gmt": 0, "ut": 0, "utc": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6}
_ZONES |= {"pst": -8, "pdt": -7}
_RFC822 = re.compile(
    r"(?:[a-z]{3},? )?(\d{1,2}) ([a-z]{3})[a-z]{0,6} (\d{4}) (\d{1,2}):(\d\d)(?::(\d\d))? "
    r"(?:([+-])(\d\d):?(\d\d)|([a-z]{1,3}))",
    re.IGNORECASE,
)
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")


class Unreadable(Exception):
    """This is no feed, or not one that may be read; says why. `hostile`: it looks made to do harm."""

    def __init__(self, reason: str, *, hostile: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.hostile = reason, hostile


class RawEntry(NamedTuple):
    """One item, cleaned; None for what the feed does not say. `published` is ISO 8601 in UTC."""

    guid: str | None
    url: str | None
    title: str
    summary: str | None
    content: str | None
    author: str | None
    published: str | None


class RawFeed(NamedTuple):
    """What a reader found. `listed` counts entries that were left out, too; `reader` says which reader it was."""

    title: str | None
    site_url: str | None
    entries: list[RawEntry]
    listed: int
    reader: str


def entry(
    *,
    guid: str | None,
    links: list[Any],
    title: Any,
    summary: Any,
    content: Any,
    author: Any,
    published: datetime | None,
    base: str,
) -> RawEntry | None:
    """An item from what a format says of it; None if there is nothing in it, or only a link that may not be followed.

    `links` in order of preference. An item without any link is kept when it has words of its own.
    """
    # feedparser makes a link of a guid; here guids are judged as what they are.
    links = [one for one in links if one != guid]
    guid = _id(guid)
    found = next((good for one in (*links, guid) if (good := link(one, base))), None)
    named = words(title) or ""
    if found is None and (
        not named or any(isinstance(one, str) and one.strip() for one in links) or _HOSTILE.match(guid or "")
    ):
        return None
    told, whole = (None if summary == content else _text(summary)), _text(content)
    return RawEntry(
        guid=guid,
        url=found,
        title=named[:TITLE_LONGEST],
        summary=None if told == whole else told,
        content=whole,
        author=(words(author) or "")[:TITLE_LONGEST] or None,
        published=when.isoformat() if (when := sane(published)) else None,
    )


def link(found: Any, base: str) -> str | None:
    """An absolute http address, or None; `javascript:` and such are no links."""
    if not isinstance(found, str) or not found.strip() or len(found) > 2048:
        return None
    if usual_link(found):
        return found
    cleaned = _BLANKS.sub("", found)
    try:
        joined = urljoin(base, cleaned)
        parts = urlsplit(joined)
        # A tag: or urn: guid joins to itself; a bare word would join to a page that was never meant.
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            return None
        joined.encode()
    except ValueError:
        return None
    return joined if ("/" in cleaned or "." in cleaned or cleaned.startswith("?")) else None


def usual_link(found: str) -> bool:
    """Whether this is an absolute address that nothing would change."""
    return _USUAL_LINK.fullmatch(found) is not None and "/." not in found


def words(found: Any) -> str | None:
    """Text on one line without markup, or None."""
    return " ".join(plain_text(found).split()) or None if isinstance(found, str) else None


def instant(text: str) -> datetime | None:
    """A date in one of the two forms that nearly all feeds use, RFC 822 and ISO 8601; None for any other form."""
    text = text.strip()
    try:
        if _ISO.fullmatch(text):
            # Seven digits of a second are more than Python reads.
            return datetime.fromisoformat(re.sub(r"\.\d+", "", text)).astimezone(UTC)
        if (found := _RFC822.fullmatch(text)) and (month := _MONTHS.get(found[2].lower())):
            return _rfc822(found, month)
    except (ValueError, OverflowError):
        return None
    return None


def _rfc822(found: re.Match[str], month: int) -> datetime | None:
    if found[10]:
        hours = _ZONES.get(found[10].lower())
        if hours is None:
            return None
        offset = timedelta(hours=hours)
    else:
        offset = timedelta(hours=int(found[8]), minutes=int(found[9])) * (-1 if found[7] == "-" else 1)
    day, year, hour, minute, second = (int(found[at] or 0) for at in (1, 3, 4, 5, 6))
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset)).astimezone(UTC)


def sane(when: datetime | None) -> datetime | None:
    """None for dates such as year 1, which stand for a broken clock. Dates in the future are kept as printed."""
    return when if when is not None and 1990 <= when.year <= 2100 else None


def _id(found: Any) -> str | None:
    if not isinstance(found, str):
        return None
    cleaned = plain_guid(found)
    return cleaned[:2048] or None


def plain_guid(found: str) -> str:
    """A guid as printed, without what no database stores."""
    return found.encode("utf-8", "replace").decode("utf-8").replace("\x00", "").strip()


def _text(found: Any) -> str | None:
    return plain_text(found[: 2 * TEXT_LONGEST])[:TEXT_LONGEST] or None if isinstance(found, str) and found else None
