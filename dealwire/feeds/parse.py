"""Feeds as records, whatever format they came in; read in this process. `parsers` reads in one that can be killed."""

import hashlib
from typing import NamedTuple, Protocol

from dealwire.feeds import formats
from dealwire.feeds.values import RawEntry, RawFeed, Unreadable
from schemas import Entry
from schemas.errors import FeedUnreadable


class ParsedFeed(NamedTuple):
    """What a feed says of itself, and its entries as listed. `listed` counts those that were left out, too."""

    title: str | None
    site_url: str | None
    entries: tuple[Entry, ...]
    listed: int = 0


class Parse(Protocol):
    """Reads a feed; `parse`, or `parsers.Parsers.parse`, which is bounded."""

    def __call__(self, body: bytes, *, url: str, content_type: str = "") -> ParsedFeed: ...


def parse(body: bytes, *, url: str, content_type: str = "") -> ParsedFeed:
    """Read a feed that was fetched from `url`. Raises `FeedUnreadable` for anything else than a feed."""
    try:
        return from_raw(formats.read(body, url=url, content_type=content_type), url)
    except Unreadable as error:
        raise FeedUnreadable(url, error.reason) from error


def from_raw(raw: RawFeed, url: str) -> ParsedFeed:
    """The records of what a reader found."""
    return ParsedFeed(raw.title, raw.site_url, tuple(_entry(one, url) for one in raw.entries), raw.listed)


def _entry(raw: RawEntry, feed_url: str) -> Entry:
    return Entry.model_validate(
        {
            "guid": raw.guid,
            "url": raw.url or own_address(raw, feed_url),
            "has_page": raw.url is not None,
            "title": raw.title,
            "summary": raw.summary,
            "content": raw.content,
            "author": raw.author,
            "published_at": raw.published,
        }
    )


def own_address(raw: RawEntry, feed_url: str) -> str:
    """An address for an entry that has none: the feed's, with what tells this entry from the others."""
    told = raw.guid or f"{raw.title}\x1f{raw.published or ''}"
    mark = hashlib.blake2b(told.encode(), digest_size=8).hexdigest()
    plain = feed_url.partition("#")[0]
    return f"{plain}{'&' if '?' in plain else '?'}dealwire-entry={mark}"
