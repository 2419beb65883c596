"""The sample site as a real web server on loopback: five outlets, each with a feed in a format of its own.

The outlets keep their names (`circuit-ledger.example`) whatever the port: `connect_to` leads a client there, so that
addresses, and with them the ids of articles, are the same in every run.
"""

import hashlib
import html
import http.server
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Story(NamedTuple):
    """One article of the sample site."""

    slug: str
    title: str
    author: str
    published: datetime
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Outlet:
    """One outlet: its file, its name, the path of its feed and the manner of its pages."""

    key: str
    name: str
    feed_path: str
    feed_type: str

    @property
    def host(self) -> str:
        return f"{self.key}.example"

    @property
    def base(self) -> str:
        return f"http://{self.host}"

    @property
    def feed_url(self) -> str:
        return self.base + self.feed_path


OUTLETS = (
    Outlet("circuit-ledger", "Circuit Ledger", "/feed.xml", "application/rss+xml"),
    Outlet("northbank-wire", "Northbank Wire", "/atom.xml", "application/atom+xml"),
    Outlet("stackyard", "Stackyard", "/feed.json", "application/feed+json"),
    Outlet("compute-quarterly", "Compute Quarterly", "/index.rdf", "application/rdf+xml"),
    Outlet("morning-rack", "The Morning Rack", "/rss", "text/xml"),
)


@cache
def stories(outlet: Outlet) -> tuple[Story, ...]:
    """The outlet's articles, newest first."""
    text = (files("dealwire.demo") / "site" / f"{outlet.key}.md").read_text(encoding="utf-8")
    found = []
    for part in ("\n" + text).split("\n# ")[1:]:
        head, _, body = part.partition("\n\n")
        title, *fields = head.splitlines()
        given = dict(field.split(": ", 1) for field in fields)
        published = datetime.fromisoformat(given["date"])
        found.append(Story(given["slug"], title, given["author"], published, tuple(body.strip().split("\n\n"))))
    return tuple(sorted(found, key=lambda one: one.published, reverse=True))


def link(outlet: Outlet, story: Story) -> str:
    """The address of an article."""
    return f"{outlet.base}/{story.published:%Y/%m}/{story.slug}"


def page(outlet: Outlet, story: Story) -> str:
    """An article's page with everything that real pages put around the text."""
    body = "\n".join(f"<p>{html.escape(text, quote=False)}</p>" for text in story.paragraphs)
    title, name = html.escape(story.title, quote=False), html.escape(outlet.name)
    others = [one for one in stories(outlet) if one.slug != story.slug][:4]
    related = "".join(f'<li><a href="{link(outlet, one)}">{html.escape(one.title)}</a></li>' for one in others)
    head = (
        f'<meta charset="utf-8"><title>{title} | {name}</title><link rel="canonical" href="{link(outlet, story)}">'
        f'<meta name="author" content="{html.escape(story.author)}">'
        f'<meta property="article:published_time" content="{story.published.isoformat()}">'
        f'<link rel="alternate" type="{outlet.feed_type}" href="{outlet.feed_url}">'
    )
    cookies = '<div class="cookie-banner" role="dialog">We use cookies. <button>Accept all</button></div>'
    menu = "<nav><a href='/'>Home</a> <a href='/chips'>Chips</a> <a href='/clouds'>Clouds</a> <a href='/about'>About</a></nav>"
    share = '<div class="share-buttons"><a href="#">Share this article</a> <a href="#">Copy link</a></div>'
    letter = '<aside class="newsletter"><h3>Never miss a story</h3><form><input><button>Sign up</button></form></aside>'
    foot = f"<footer><p>© 2026 {name}. Terms. Privacy. Imprint.</p></footer>"
    when = f'<time datetime="{story.published.isoformat()}">{story.published:%d %B %Y}</time>'
    skeletons = {
        "circuit-ledger": f"{cookies}<header>{menu}</header><main><article><h1>{title}</h1><p class='byline'>By {story.author} {when}</p>"
        f"{body}{share}</article><aside class='related'><h2>Related</h2><ul>{related}</ul></aside>{letter}</main>{foot}",
        "northbank-wire": f"<div id='top'>{menu}</div><div id='content'><h1>{title}</h1><div class='meta'>{when}</div>"
        f"<div class='article-body'>{body}</div>{share}</div><div id='more'><h4>More</h4><ul>{related}</ul></div>{foot}{cookies}",
        "stackyard": f"<header><h2><a href='/'>{name}</a></h2>{menu}</header><main class='post'><h1>{title}</h1>{when}"
        f"<div class='entry-content'>{body}</div></main>{letter}<section class='recent-posts'><ul>{related}</ul></section>{foot}",
        "compute-quarterly": f"{menu}<section class='essay'><header><h1>{title}</h1><address>{story.author}</address>{when}</header>"
        f"{body}</section>{letter}<nav class='issue'><ol>{related}</ol></nav>{cookies}{foot}",
        "morning-rack": f"{cookies}<table width='100%'><tr><td class='sidebar'>{menu}<ul>{related}</ul></td><td>"
        f"<div class='issue post-content'><h1>{title}</h1>{when}{body}</div>{share}</td></tr></table>{foot}",
    }
    return f"<!doctype html>\n<html lang='en'><head>{head}</head><body>{skeletons[outlet.key]}</body></html>\n"


def feed(outlet: Outlet) -> str:
    """The outlet's feed in its own format."""
    return _FEEDS[outlet.key](outlet, stories(outlet))


@dataclass(frozen=True)
class Site:
    """The running sample site. `connect_to` maps the outlets' hosts to where they are served."""

    address: str

    @property
    def connect_to(self) -> dict[str, str]:
        return {outlet.host: self.address for outlet in OUTLETS}

    @property
    def feeds(self) -> list[str]:
        return [outlet.feed_url for outlet in OUTLETS]


@contextmanager
def serving(port: int = 0) -> Iterator[Site]:
    """Serve the sample site on a loopback port (0: any that is free) while the block runs."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Site(f"127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").split(":")[0]
        found = _known().get((host, self.path.split("?")[0]))
        if found is None:
            self._answer(404, "text/plain; charset=utf-8", b"There is nothing here.\n", None)
            return
        content_type, body = found
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if self.headers.get("If-None-Match") == etag:
            self._answer(304, content_type, b"", etag)
        else:
            self._answer(200, content_type, body, etag)

    def _answer(self, status: int, content_type: str, body: bytes, etag: str | None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet: the demo's own lines are what is to be read."""


@cache
def _known() -> dict[tuple[str, str], tuple[str, bytes]]:
    found: dict[tuple[str, str], tuple[str, bytes]] = {}
    for outlet in OUTLETS:
        found[outlet.host, outlet.feed_path] = (f"{outlet.feed_type}; charset=utf-8", feed(outlet).encode())
        links = "".join(
            f'<li><a href="{link(outlet, one)}">{html.escape(one.title)}</a></li>' for one in stories(outlet)
        )
        alternate = f'<link rel="alternate" type="{outlet.feed_type}" href="{outlet.feed_path}">'
        front = f"<!doctype html><html><head><title>{outlet.name}</title>{alternate}</head><body><ul>{links}</ul></body></html>"
        found[outlet.host, "/"] = ("text/html; charset=utf-8", front.encode())
        for story in stories(outlet):
            path = link(outlet, story).removeprefix(outlet.base)
            found[outlet.host, path] = ("text/html; charset=utf-8", page(outlet, story).encode())
    return found


def _teaser(story: Story) -> str:
    return html.escape(story.paragraphs[0][:180].rsplit(" ", 1)[0] + " …", quote=False)


def _rss(outlet: Outlet, found: tuple[Story, ...]) -> str:
    items = "".join(
        f"<item><title>{html.escape(one.title)}</title><link>{link(outlet, one)}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{outlet.key}-{one.slug}</guid><pubDate>{format_datetime(one.published)}</pubDate>"
        f"<description>{_teaser(one)}</description></item>\n"
        for one in found
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{outlet.name}</title>'
        f"<link>{outlet.base}/</link><description>Chips, clouds, contracts</description><ttl>30</ttl>\n{items}</channel></rss>\n"
    )


def _atom(outlet: Outlet, found: tuple[Story, ...]) -> str:
    entries = "".join(
        f"<entry><title>{html.escape(one.title)}</title><link rel='alternate' href='{link(outlet, one)}'/>"
        f"<id>tag:{outlet.host},2025:{one.slug}</id><updated>{one.published.isoformat()}</updated>"
        f"<published>{one.published.isoformat()}</published><summary>{_teaser(one)}</summary></entry>\n"
        for one in found
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>{outlet.name}</title>'
        f"<link href='{outlet.base}/'/><id>{outlet.base}/</id><updated>{found[0].published.isoformat()}</updated>\n{entries}</feed>\n"
    )


def _json_feed(outlet: Outlet, found: tuple[Story, ...]) -> str:
    items = [
        {
            "id": link(outlet, one),
            "url": link(outlet, one),
            "title": one.title,
            "date_published": one.published.isoformat(),
            "content_html": "".join(f"<p>{html.escape(text, quote=False)}</p>" for text in one.paragraphs),
            "authors": [{"name": one.author}],
        }
        for one in found
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": outlet.name, "home_page_url": f"{outlet.base}/"}
    return json.dumps(head | {"items": items}, ensure_ascii=False, indent=1)


def _rdf(outlet: Outlet, found: tuple[Story, ...]) -> str:
    items = "".join(
        f"<item rdf:about='{link(outlet, one)}'><title>{html.escape(one.title)}</title><link>{link(outlet, one)}</link>"
        f"<dc:date>{one.published.isoformat()}</dc:date><dc:creator>{html.escape(one.author)}</dc:creator>"
        f"<description>{_teaser(one)}</description></item>\n"
        for one in found
    )
    listed = "".join(f"<rdf:li rdf:resource='{link(outlet, one)}'/>" for one in found)
    return (
        '<?xml version="1.0"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        f"xmlns:dc='http://purl.org/dc/elements/1.1/'><channel rdf:about='{outlet.feed_url}'><title>{outlet.name}</title>"
        f"<link>{outlet.base}/</link><description>Essays</description><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n{items}</rdf:RDF>\n"
    )


def _careless(outlet: Outlet, found: tuple[Story, ...]) -> str:
    """RSS as a hand-written program prints it: a blank line first, bare ampersands, an HTML entity, a short zone name."""
    items = "".join(
        f"<item><title>{one.title}</title><link>{link(outlet, one)}</link>"
        f"<pubDate>{one.published.astimezone(UTC):%d %b %Y %H:%M} GMT</pubDate>"
        f"<description>{one.paragraphs[0][:120]}&nbsp;&hellip;</description></item>\n"
        for one in found
    )
    return (
        f'\n<?xml version="1.0"?>\n<rss version="2.0"><channel><title>{outlet.name}</title><link>{outlet.base}/</link>'
        f"<description>Racks & rumours</description>\n{items}</channel></rss>\n<!-- served in 0.02 s -->\n"
    )


_FEEDS = {
    "circuit-ledger": _rss,
    "northbank-wire": _atom,
    "stackyard": _json_feed,
    "compute-quarterly": _rdf,
    "morning-rack": _careless,
}
