"""Sitemaps: the pages that a site lists, news sitemaps with titles and times, indexes of further sitemaps."""

import io
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from dealwire.feeds.metadata import instant
from schemas.errors import BodyTooLarge, FeedUnreadable

_USUAL = ("sitemap.xml", "sitemap_index.xml", "news-sitemap.xml", "sitemap-news.xml", "wp-sitemap.xml")
# The standard's limit for one sitemap, decompressed.
_LONGEST = 52_428_800


class Listed(NamedTuple):
    """One address of a sitemap; `sitemap` is True for another sitemap."""

    url: str
    sitemap: bool = False
    title: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    changed_at: datetime | None = None


def usual(site: str) -> list[str]:
    """Where sites keep their sitemap when their robots.txt does not say."""
    return [f"{site.rstrip('/')}/{name}" for name in _USUAL]


def read(body: bytes, *, url: str) -> Iterator[Listed]:
    """What a sitemap lists, in its order. Raises `FeedUnreadable` if it is none, `BodyTooLarge`."""
    data = _unpacked(body, url)
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head.startswith(b"<"):
        yield from _plain(data, url)
        return
    if b"<urlset" not in head and b"<sitemapindex" not in head and b":urlset" not in head and b"<url>" not in head:
        raise FeedUnreadable(url, "it is no sitemap")
    from lxml import etree

    found: dict[str, str] = {}
    events: Any = etree.iterparse(
        io.BytesIO(data), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for _, element in events:
            name = element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
            if name in ("loc", "lastmod", "title", "publication_date", "language"):
                # An image's or a video's address stands deeper and later than the page's own.
                found.setdefault(name, " ".join((element.text or "").split()))
            elif name in ("url", "sitemap"):
                one = _listed(found, sitemap=name == "sitemap")
                found = {}
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
                if one:
                    yield one
    except etree.XMLSyntaxError as error:
        raise FeedUnreadable(url, "it is no sitemap that can be read") from error


def _listed(found: dict[str, str], *, sitemap: bool) -> Listed | None:
    url = found.get("loc", "")
    if not url.startswith(("http://", "https://")) or len(url) > 2048:
        return None
    return Listed(
        url,
        sitemap,
        title=found.get("title") or None,
        published_at=instant(found.get("publication_date")),
        language=(found.get("language") or "")[:2].lower() or None,
        changed_at=instant(found.get("lastmod")),
    )


def _plain(data: bytes, url: str) -> Iterator[Listed]:
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines()]
    links = [line for line in lines if line.startswith(("http://", "https://")) and len(line) <= 2048]
    if not links:
        raise FeedUnreadable(url, "it is no sitemap")
    yield from map(Listed, links)


def _unpacked(body: bytes, url: str) -> bytes:
    """Sitemaps are often files packed with gzip, which the server does not unpack."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    packed = zlib.decompressobj(wbits=31)
    try:
        data = packed.decompress(body, _LONGEST)
    except zlib.error as error:
        raise FeedUnreadable(url, "it is packed and damaged") from error
    if packed.unconsumed_tail:
        raise BodyTooLarge(url, _LONGEST)
    return data
