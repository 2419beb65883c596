"""What a page declares about itself in its head: when, by whom, at which address, free or not."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from dealwire.feeds import identity

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_ARTICLES = ("Article", "NewsArticle", "ReportageNewsArticle", "BlogPosting", "AnalysisNewsArticle", "LiveBlogPosting")
# What may stand after a story's own path in an address whose canonical one is shorter.
_EDITIONS = {"amp", "print", "all", "full", "index.html", "index.htm", "index.php", "comments", "embed"}


class Declared(NamedTuple):
    """`free` is False if the page says that it is for subscribers; None, as all others, if it says nothing."""

    url: str | None = None
    title: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    free: bool | None = None


def declared(document: "HtmlElement", *, url: str) -> Declared:
    """Read the head of a page that was fetched from `url`."""
    data = next(_linked_data(document), {})
    metas = _metas(document)
    published = data.get("datePublished") or metas.get("article:published_time") or metas.get("datepublished")
    free = _free(data)
    if metas.get("article:content_tier", "").lower() in ("metered", "locked", "premium"):
        free = False
    return Declared(
        url=_canonical(document, metas, url),
        title=_words(data.get("headline")),
        author=_author(data.get("author")),
        published_at=instant(published),
        language=(document.get("lang") or "").replace("_", "-").split("-")[0].lower()[:3] or None,
        free=free,
    )


def instant(found: object) -> datetime | None:
    """A date as pages and sitemaps write it, in UTC; None if it cannot be read or is absurd."""
    if not isinstance(found, str):
        return None
    try:
        when = datetime.fromisoformat(found.strip())
    except ValueError:
        return None
    try:
        when = when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
    except OverflowError:
        return None
    return when if 1990 <= when.year <= 2100 else None


def _linked_data(document: "HtmlElement") -> Iterator[dict[str, Any]]:
    """The page's articles in JSON-LD, from whatever nesting."""
    for script in document.xpath("//script[@type='application/ld+json']"):
        text = (script.text or "").strip()
        if not text or len(text) > 500_000:
            continue
        try:
            yield from _articles([json.loads(text, strict=False)])
        except (ValueError, RecursionError):
            continue


def _articles(found: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for one in found:
        if isinstance(one, list):
            yield from _articles(one)
        elif isinstance(one, dict):
            kinds = one.get("@type")
            if any(kind in _ARTICLES for kind in (kinds if isinstance(kinds, list) else [kinds])):
                yield one
            if isinstance(one.get("@graph"), list):
                yield from _articles(one["@graph"])


def _free(data: dict[str, Any]) -> bool | None:
    found = data.get("isAccessibleForFree")
    if isinstance(found, str):
        found = {"true": True, "false": False}.get(found.strip().lower())
    return found if isinstance(found, bool) else None


def _metas(document: "HtmlElement") -> dict[str, str]:
    found: dict[str, str] = {}
    for meta in document.xpath("//meta[@content][@property or @name or @itemprop]"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        found.setdefault(name, str(meta.get("content")))
    return found


def _canonical(document: "HtmlElement", metas: dict[str, str], url: str) -> str | None:
    links = [str(href) for href in document.xpath("//link[@rel='canonical']/@href")]
    for href in [*links[:1], *([metas["og:url"]] if "og:url" in metas else [])]:
        try:
            joined = urljoin(url, href.strip())
            here, there = urlsplit(url), urlsplit(joined)
            usable = there.scheme in ("http", "https") and identity.same_publisher(url, joined)
        except ValueError:
            continue
        if usable and _names_a_story(here.path, there.path):
            return joined
    return None


def _names_a_story(here: str, there: str) -> bool:
    """False for the front page or a section, which careless publishers name as the canonical address of all stories."""
    own, named = here.strip("/").split("/"), there.strip("/").split("/")
    if named == [""]:
        return False
    above = len(named) < len(own) and own[: len(named)] == named
    return not above or all(part.lower() in _EDITIONS or part.isdigit() for part in own[len(named) :])


def _author(found: Any) -> str | None:
    people = found if isinstance(found, list) else [found]
    names = [_words(one.get("name")) if isinstance(one, dict) else _words(one) for one in people]
    return ", ".join(dict.fromkeys(name for name in names if name and "://" not in name)) or None


def _words(found: Any) -> str | None:
    return " ".join(found.split()) or None if isinstance(found, str) else None
