"""Finding the feed of a site: the links that its page names in its head."""

from html.parser import HTMLParser
from urllib.parse import urljoin

_TYPES = {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"}


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and "alternate" in given.get("rel", "").lower().split() and given.get("type") in _TYPES:
            self.found.append(given.get("href", ""))


def feed_links(body: bytes, *, url: str) -> list[str]:
    """Absolute addresses of the feeds that a page names, in its order; comments feeds last."""
    parser = _Links()
    parser.feed(body[:500_000].decode("utf-8", "replace"))
    links = [urljoin(url, href) for href in parser.found if href]
    return sorted(dict.fromkeys(links), key=lambda link: "comments" in link)
