"""Reading feeds: RSS 0.9x to 2.0, RDF and Atom, strictly where that is enough and by feedparser where not; JSON Feed.

Runs in the parse worker; see `values`. `dealwire.feeds.parse` is what the rest of dealwire calls.
"""

import calendar
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from dealwire.feeds import strict
from dealwire.feeds.values import ENTRIES_MOST, RawEntry, RawFeed, Unreadable, entry, instant, link, sane, words

_MARKUP = re.compile(rb"<(?:rss|feed|rdf:rdf|channel|[a-z0-9]+:(?:rdf|feed))\b", re.IGNORECASE)
_START = re.compile(rb"<(?:\?xml|!DOCTYPE|rss|feed|rdf:rdf|channel|[a-z0-9]+:(?:rdf|feed))\b", re.IGNORECASE)
_PAGE = re.compile(rb"<(!doctype\s+html|html|body)\b", re.IGNORECASE)
_SURROGATES = re.compile(
    rb"&#(?:x0*[dD][89a-fA-F][0-9a-fA-F]{2}|0*5(?:5[3-9]\d\d|6\d{3}|7[0-2]\d\d|73[0-3]\d|734[0-3]));"
)
# An entity whose value names another one: the parts of a bomb. No feed needs it.
_NESTED = re.compile(rb"<!ENTITY\s+(?:%\s+)?[^\s>]+\s+(?:\"[^\">]*[&%][A-Za-z]|'[^'>]*[&%][A-Za-z])")
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def read(body: bytes, *, url: str, content_type: str = "") -> RawFeed:
    """Read a feed that was fetched from `url`. Raises `Unreadable` for anything else than a feed."""
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise Unreadable("the answer is empty")
    if head.startswith(b"{"):
        return _json_feed(body, url)
    if not body.startswith(_WIDE) and not _MARKUP.search(body[:65536]):
        kind = "a web page" if _PAGE.search(head) else "something else"
        raise Unreadable(f"it is {kind}{', ' + content_type[:60] if content_type else ''}")
    try:
        return strict.read(body, url=url, content_type=content_type)
    except strict.Doubtful:
        return by_feedparser(body, url=url, content_type=content_type)


def by_feedparser(body: bytes, *, url: str, content_type: str = "") -> RawFeed:
    """Read any XML feed, however ill-formed. Raises `Unreadable`."""
    if _NESTED.search(body):
        raise Unreadable("it defines entities that expand into each other", hostile=True)
    try:
        return _by_feedparser(body, url, content_type)
    except Unreadable:
        if "charset" not in content_type.lower():
            raise
        # The header may name an encoding that the document is not in.
        return _by_feedparser(body, url, content_type.partition(";")[0])


def _by_feedparser(body: bytes, url: str, content_type: str) -> RawFeed:
    import feedparser

    # Junk before the document and references to lone surrogates are common, and break the parser.
    start = None if body.startswith(_WIDE) else _START.search(body)
    document = _SURROGATES.sub(b"", body[start.start() :] if start else body)
    try:
        found = feedparser.parse(
            document,
            response_headers={"content-location": url, "content-type": content_type or "application/xml"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except RecursionError as error:
        raise Unreadable("its elements are nested too deeply", hostile=True) from error
    except Exception as error:  # feedparser raises what its inner parsers raise
        raise Unreadable(f"the parser failed: {type(error).__name__}") from error
    if not found.get("version") and not found.entries:
        raise Unreadable("it has neither a known format nor entries")
    entries = [one for item in found.entries[:ENTRIES_MOST] if (one := _entry(item, url))]
    site = link(found.feed.get("link"), url)
    return RawFeed(words(found.feed.get("title")), site, entries, len(found.entries), "feedparser")


def _entry(item: Any, url: str) -> RawEntry | None:
    links = [one.get("href") for one in item.get("links", ()) if one.get("rel", "alternate") == "alternate"]
    contents = [one.get("value", "") for one in item.get("content", ())]
    return entry(
        guid=item.get("id"),
        links=[*links, item.get("link")],
        title=item.get("title"),
        summary=item.get("summary"),
        content=max(contents, key=len) if contents else None,
        author=item.get("author"),
        published=_instant(item.get("published_parsed") or item.get("updated_parsed")),
        base=url,
    )


def _json_feed(body: bytes, url: str) -> RawFeed:
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except RecursionError as error:
        raise Unreadable("it is JSON that is nested too deeply", hostile=True) from error
    except ValueError as error:
        raise Unreadable("it is broken JSON") from error
    if not isinstance(found, dict) or not isinstance(items := found.get("items"), list):
        raise Unreadable("it is JSON, but no JSON Feed")
    entries = list(_json_entries(items[:ENTRIES_MOST], url))
    return RawFeed(words(found.get("title")), link(found.get("home_page_url"), url), entries, len(items), "json")


def _json_entries(items: Iterable[Any], url: str) -> Iterable[RawEntry]:
    for item in items:
        if not isinstance(item, dict):
            continue
        authors = item.get("authors") or [item.get("author")]
        names = [one.get("name") for one in authors if isinstance(one, dict)] if isinstance(authors, list) else []
        guid = item.get("id")
        found = entry(
            guid=str(guid) if isinstance(guid, str | int | float) else None,
            links=[item.get("url"), item.get("external_url")],
            title=item.get("title"),
            summary=item.get("summary"),
            content=item.get("content_html") or item.get("content_text"),
            author=", ".join(name for name in names if isinstance(name, str)) or None,
            published=_iso(item.get("date_published")) or _iso(item.get("date_modified")),
            base=url,
        )
        if found:
            yield found


def _instant(parsed: Any) -> datetime | None:
    try:
        return sane(datetime.fromtimestamp(calendar.timegm(parsed), UTC)) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _iso(found: Any) -> datetime | None:
    if not isinstance(found, str):
        return None
    try:
        when = instant(found) or datetime.fromisoformat(found.strip())
        return sane(when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
