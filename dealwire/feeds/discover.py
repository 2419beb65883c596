"""Finding the feed of a site: what its page names, what it links, and where feeds usually lie."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from dealwire.feeds import parse
from schemas.errors import DealwireError, FeedUnreachable, FeedUnreadable

if TYPE_CHECKING:
    from dealwire.feeds.client import Client, Response

_TYPES = {
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/x-rss+xml",
    "text/rss+xml",
    "text/atom",
}
# A type that says less; the address must say the rest.
_VAGUE = {"application/xml", "text/xml", "application/json"}
_FEEDISH = re.compile(r"(?:^|[/._-])(?:rss|feeds?|atom|rdf|index\.xml)(?:$|[/._?-])", re.IGNORECASE)
_USUAL = (
    "feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed/", "feeds", "feed.json", "rss/", "feed.rss",
    "blog/feed", "news/feed", "news/rss.xml", "blog/rss.xml", "feeds/posts/default", "?feed=rss2",
)  # fmt: skip
_COMMENTS = re.compile(r"comment|/author/|/tag/", re.IGNORECASE)
# Addresses of one site that are asked before giving up.
_TRIES = 24


class Found(NamedTuple):
    """A feed that was fetched and read, and the other feeds that its site names."""

    url: str
    feed: parse.ParsedFeed
    others: tuple[str, ...] = ()


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.named: list[str] = []
        self.linked: list[str] = []
        self.refresh: str | None = None
        self.base: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: (value or "").strip() for name, value in attrs}
        href, kind = given.get("href", ""), given.get("type", "").lower().split(";")[0].strip()
        rel = given.get("rel", "").lower().split()
        if tag == "link" and href and ("alternate" in rel or "feed" in rel):
            if kind in _TYPES or "feed" in rel or (kind in _VAGUE and _FEEDISH.search(href)):
                self.named.append(href)
        elif tag == "a" and href and (kind in _TYPES or _FEEDISH.search(href)):
            self.linked.append(href)
        elif tag == "base" and self.base is None:
            self.base = href
        elif tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            target = re.search(r"url\s*=\s*['\"]?([^'\"]+)", given.get("content", ""), re.IGNORECASE)
            self.refresh = self.refresh or (target[1].strip() if target else None)


def feed_links(body: bytes, *, url: str) -> list[str]:
    """Absolute addresses of the feeds that a page names in its head, in its order; comments feeds last."""
    page = _links(body)
    return _absolute(page.named, urljoin(url, page.base or ""))


def find(site: str, *, client: "Client", parser: parse.Parse = parse.parse) -> Found:
    """The feed at an address, or the one of the site at that address. `https://` may be left out.

    Tries what the page names, what sites of its kind have, what the page links and where feeds usually lie, in this
    order, and takes the first that can be read as a feed. Raises `FeedUnreadable` if there is none.
    """
    url, answer = _answer(site, client)
    try:
        return Found(url, parser(answer.body, url=answer.url, content_type=_type(answer)))
    except FeedUnreadable as error:
        none = error
    page = _links(answer.body)
    if page.refresh and not page.named:
        url = urljoin(answer.url, page.refresh)
        answer = client.fetch(url)
        page = _links(answer.body)
    base = urljoin(answer.url, page.base or "")
    named = _absolute([*_in_header(answer), *page.named], base)
    candidates = dict.fromkeys([*named, *_of_kind(answer.url), *_absolute(page.linked, base)[:8], *_usual(base)])
    for candidate in list(candidates)[:_TRIES]:
        try:
            tried = client.fetch(candidate)
            feed = parser(tried.body, url=tried.url, content_type=_type(tried))
        except FeedUnreachable as error:
            if error.status is None and urlsplit(candidate).netloc == urlsplit(answer.url).netloc:
                raise
            continue
        except DealwireError:
            continue
        return Found(candidate, feed, tuple(one for one in named if one != candidate))
    raise FeedUnreadable(site, f"{none.reason}, and no feed was found from there") from none


def _answer(site: str, client: "Client") -> tuple[str, "Response"]:
    if re.match(r"https?://", site, re.IGNORECASE):
        return site, client.fetch(site)
    try:
        return f"https://{site}", client.fetch(f"https://{site}")
    except FeedUnreachable as error:
        if error.status is not None:
            raise
        return f"http://{site}", client.fetch(f"http://{site}")


def _links(body: bytes) -> _Links:
    parser = _Links()
    parser.feed(body[:1_000_000].decode("utf-8", "replace"))
    return parser


def _absolute(links: list[str], base: str) -> list[str]:
    found = []
    for link in links:
        try:
            joined = urljoin(base, link)
            if urlsplit(joined).scheme in ("http", "https"):
                found.append(joined)
        except ValueError:
            continue
    return sorted(dict.fromkeys(found), key=lambda link: bool(_COMMENTS.search(link)))


def _in_header(answer: "Response") -> list[str]:
    """Feeds in the Link header."""
    parts = re.findall(r"<([^>]*)>([^<]*)", answer.headers.get("link", ""))
    return [href for href, rest in parts if _names_feed(rest.lower())]


def _names_feed(parameters: str) -> bool:
    return "alternate" in parameters and any(kind in parameters for kind in _TYPES)


def _of_kind(url: str) -> Iterator[str]:
    """Feeds of sites that have them at a known place and do not always name them."""
    parts = urlsplit(url)
    host, steps = (parts.hostname or "").removeprefix("www."), [step for step in parts.path.split("/") if step]
    if host == "youtube.com" and len(steps) >= 2 and steps[0] == "channel":
        yield f"https://www.youtube.com/feeds/videos.xml?channel_id={steps[1]}"
    elif host == "github.com" and len(steps) >= 2:
        yield f"https://github.com/{steps[0]}/{steps[1]}/releases.atom"
    elif host == "reddit.com" and len(steps) >= 2 and steps[0] == "r":
        yield f"https://www.reddit.com/r/{steps[1]}/.rss"
    elif host == "medium.com" and steps:
        yield f"https://medium.com/feed/{steps[0]}"
    elif host.endswith(".substack.com"):
        yield f"https://{host}/feed"


def _usual(url: str) -> Iterator[str]:
    """Places below the page's folder, then below the root."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    folder = root + "".join(f"{step}/" for step in parts.path.split("/")[1:-1] if step)
    below = f"{root}{parts.path.strip('/')}/" if parts.path.strip("/") and "." not in parts.path else folder
    for place in dict.fromkeys((below, folder)):
        if place != root:
            yield from (place + name for name in _USUAL[:4])
    yield from (root + name for name in _USUAL)


def _type(answer: "Response") -> str:
    return answer.headers.get("content-type", "")
