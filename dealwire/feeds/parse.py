"""Reading feeds: RSS 0.9x to 2.0, RDF, Atom by feedparser, JSON Feed by our own few lines."""

import calendar
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from dealwire.feeds.text import plain_text
from schemas import Entry
from schemas.errors import FeedUnreadable

_MARKUP = re.compile(rb"<(rss|feed|rdf:rdf|channel)\b", re.IGNORECASE)
_SURROGATES = re.compile(rb"&#(?:x[dD][89a-fA-F][0-9a-fA-F]{2}|5(?:5[3-9]\d\d|6\d{3}|7[0-2]\d\d|73[0-3]\d|734[0-3]));")


class ParsedFeed(NamedTuple):
    """What a feed says of itself, and its entries as listed, each with a link that can be fetched."""

    title: str | None
    site_url: str | None
    entries: tuple[Entry, ...]


def parse(body: bytes, *, url: str, content_type: str = "") -> ParsedFeed:
    """Read a feed that was fetched from `url`. Raises `FeedUnreadable` for anything else than a feed."""
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise FeedUnreadable(url, "the answer is empty")
    if head.startswith(b"{"):
        return _json_feed(body, url)
    if not _MARKUP.search(body[:65536]):
        kind = "a web page" if re.search(rb"<(!doctype\s+html|html|body)\b", head, re.IGNORECASE) else "something else"
        raise FeedUnreadable(url, f"it is {kind}{', ' + content_type if content_type else ''}")
    return _xml_feed(body, url, content_type)


def _xml_feed(body: bytes, url: str, content_type: str) -> ParsedFeed:
    import feedparser

    # Junk before the document and references to lone surrogates are common, and break the parser.
    start = re.search(rb"<(\?xml|rss|feed|rdf:rdf|channel)\b", body, re.IGNORECASE)
    document = _SURROGATES.sub(b"", body[start.start() :] if start else body)
    try:
        found = feedparser.parse(
            document,
            response_headers={"content-location": url, "content-type": content_type or "application/xml"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # feedparser raises what its inner parsers raise
        raise FeedUnreadable(url, f"the parser failed: {type(error).__name__}") from error
    if not found.get("version") and not found.entries:
        raise FeedUnreadable(url, "it has neither a known format nor entries")
    base = _link(found.feed.get("link"), url)
    entries = (_entry(one, url) for one in found.entries)
    return ParsedFeed(_words(found.feed.get("title")), base, tuple(one for one in entries if one))


def _entry(item: Any, url: str) -> Entry | None:
    links = [one.get("href") for one in item.get("links", ()) if one.get("rel", "alternate") == "alternate"]
    guid = item.get("id")
    link = next((found for one in (*links, item.get("link"), guid) if (found := _link(one, url))), None)
    if link is None:
        return None
    contents = [one.get("value", "") for one in item.get("content", ())]
    content = plain_text(max(contents, key=len)) if contents else None
    summary = plain_text(item.get("summary") or "")
    return Entry(
        guid=guid or None,
        url=link,
        title=_words(item.get("title")) or "",
        summary=summary or None,
        content=content or None,
        author=_words(item.get("author")),
        published_at=_instant(item.get("published_parsed") or item.get("updated_parsed")),
    )


def _json_feed(body: bytes, url: str) -> ParsedFeed:
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise FeedUnreadable(url, "it is broken JSON") from error
    if not isinstance(found, dict) or not isinstance(items := found.get("items"), list):
        raise FeedUnreadable(url, "it is JSON, but no JSON Feed")
    return ParsedFeed(
        _words(found.get("title")), _link(found.get("home_page_url"), url), tuple(_json_entries(items, url))
    )


def _json_entries(items: Iterable[Any], url: str) -> Iterable[Entry]:
    for item in items:
        if not isinstance(item, dict):
            continue
        link = next((one for key in ("url", "external_url", "id") if (one := _link(item.get(key), url))), None)
        if link is None:
            continue
        content = plain_text(_string(item.get("content_html"))) or _string(item.get("content_text"))
        authors = item.get("authors") or [item.get("author")]
        names = [one.get("name") for one in authors if isinstance(one, dict)] if isinstance(authors, list) else []
        yield Entry(
            guid=str(item["id"]) if item.get("id") is not None else None,
            url=link,
            title=_words(item.get("title")) or "",
            summary=plain_text(_string(item.get("summary"))) or None,
            content=content or None,
            author=", ".join(name for name in names if isinstance(name, str)) or None,
            published_at=_iso(item.get("date_published") or item.get("date_modified")),
        )


def _link(found: Any, base: str) -> str | None:
    """An absolute http address, or None; `javascript:` and such are no links."""
    if not isinstance(found, str) or not found.strip() or len(found) > 2048:
        return None
    cleaned = re.sub(r"[\x00-\x20]+", "", found)
    try:
        joined = urljoin(base, cleaned)
        parts = urlsplit(joined)
        # A tag: or urn: guid joins to itself; a bare word would join to a page that was never meant.
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
    except ValueError:
        return None
    return joined if ("/" in cleaned or "." in cleaned or cleaned.startswith("?")) else None


def _words(found: Any) -> str | None:
    return " ".join(plain_text(found).split()) or None if isinstance(found, str) else None


def _string(found: Any) -> str:
    return found if isinstance(found, str) else ""


def _instant(parsed: Any) -> datetime | None:
    try:
        return _sane(datetime.fromtimestamp(calendar.timegm(parsed), UTC)) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _iso(found: Any) -> datetime | None:
    if not isinstance(found, str):
        return None
    try:
        when = datetime.fromisoformat(found.strip())
    except ValueError:
        return None
    return _sane(when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC))


def _sane(when: datetime) -> datetime | None:
    """None for dates such as year 1, which stand for a broken clock."""
    return when if 1990 <= when.year <= 2100 else None
