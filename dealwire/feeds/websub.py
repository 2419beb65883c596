"""WebSub: which hub a feed names, what is said to a hub, and whether a delivery is the hub's own."""

import hashlib
import hmac
import json
import re
import ssl
from collections.abc import Iterable, Mapping
from html import unescape
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit

import httpcore

from dealwire.feeds.deadline import within
from dealwire.feeds.guard import GuardedBackend
from schemas.errors import DealwireError, HubRefused

_LINK = re.compile(rb"<(?:[\w-]+:)?link\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_HEADER = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_ALGORITHMS = ("sha1", "sha256", "sha384", "sha512")
_REDIRECTS = 3


class Advertised(NamedTuple):
    """The hub that a feed names, and the address that the feed has there."""

    hub: str
    topic: str


def advertised(headers: Mapping[str, str], body: bytes, *, url: str) -> Advertised | None:
    """The first hub that an answer names, in its Link header or in the feed; None if it names none.

    `url` is where the feed was fetched; header names are lower case.
    """
    links = _in_header(headers.get("link", "")) or _in_feed(body)
    hub = next((link for link, rel in links if "hub" in rel), None)
    if hub is None:
        return None
    topic = next((link for link, rel in links if "self" in rel), url)
    try:
        found = Advertised(urljoin(url, hub), urljoin(url, topic))
        return found if all(urlsplit(one).scheme in ("http", "https") for one in found) else None
    except ValueError:
        return None


class Hubs:
    """Speaks to hubs, each request bounded in time and kept out of private networks. A context manager."""

    def __init__(
        self,
        *,
        contact: str = "",
        seconds: float = 30,
        allow_private_hosts: Iterable[str] = (),
        connect_to: Mapping[str, str] | None = None,
    ) -> None:
        self._seconds, self._contact = seconds, contact
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            network_backend=GuardedBackend(allow_private_hosts, connect_to),
            max_connections=8,
        )

    def __enter__(self) -> "Hubs":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def subscribe(self, hub: str, *, topic: str, callback: str, secret: str, lease_seconds: int) -> None:
        """Ask for deliveries; the hub then calls back to see whether it was asked. Raises `HubRefused`."""
        told = {"hub.secret": secret, "hub.lease_seconds": str(lease_seconds)}
        self._ask(hub, {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": callback} | told)

    def unsubscribe(self, hub: str, *, topic: str, callback: str) -> None:
        """Ask for no more deliveries. Raises `HubRefused`."""
        self._ask(hub, {"hub.mode": "unsubscribe", "hub.topic": topic, "hub.callback": callback})

    def _ask(self, hub: str, form: dict[str, str]) -> None:
        content = urlencode(form).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(content)),
            "User-Agent": f"dealwire (+{self._contact})",
        }
        try:
            with within(self._seconds):
                for _ in range(_REDIRECTS):
                    url = self._post(hub, [("Host", urlsplit(hub).netloc), *headers.items()], content)
                    if url is None:
                        return
                    hub = url
        except DealwireError:
            raise
        except Exception as error:  # whatever a hub sends must not stop the others
            raise HubRefused(hub, str(error) or type(error).__name__) from error
        raise HubRefused(hub, f"more than {_REDIRECTS} redirects")

    def _post(self, hub: str, headers: list[tuple[str | bytes, str | bytes]], content: bytes) -> str | None:
        """None if the hub took it, else where it wants to be asked."""
        times = dict.fromkeys(("connect", "read", "write", "pool"), self._seconds)
        with self._pool.stream("POST", hub, headers=headers, content=content, extensions={"timeout": times}) as answer:
            told = {name.lower(): value for name, value in answer.headers}
            if answer.status in (307, 308) and b"location" in told:
                return urljoin(hub, told[b"location"].decode("latin-1"))
            if 200 <= answer.status < 300:
                return None
            said = b""
            for part in answer.iter_stream():
                said += part
                if len(said) > 200:
                    break
        words = " ".join(re.sub(r"<[^>]*>", " ", said[:200].decode("utf-8", "replace")).split())
        raise HubRefused(hub, f"status {answer.status}{': ' + words if words else ''}")


def signed(body: bytes, signature: str | None, secret: str) -> bool:
    """Whether a delivery's `X-Hub-Signature` was made with the secret (sha1, sha256, sha384 or sha512)."""
    method, _, digest = (signature or "").strip().partition("=")
    if method.lower() not in _ALGORITHMS:
        return False
    expected = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(expected.encode(), digest.strip().lower().encode("utf-8", "replace"))


def _in_header(header: str) -> list[tuple[str, set[str]]]:
    found = []
    for link, parameters in _HEADER.findall(header[:8192]):
        rel = re.search(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", parameters, re.IGNORECASE)
        if rel:
            found.append((link.strip(), set((rel[1] or rel[2]).lower().split())))
    return found if any("hub" in rel for _, rel in found) else []


def _in_feed(body: bytes) -> list[tuple[str, set[str]]]:
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _in_json(body)
    # The feed's own links stand before its entries, or after them all; an entry's links are another matter.
    head = re.split(rb"<(?:\w+:)?(?:item|entry)\b", body, maxsplit=1, flags=re.IGNORECASE)[0]
    tail = re.split(rb"</(?:\w+:)?(?:item|entry)\s*>", body, flags=re.IGNORECASE)[-1] if len(head) < len(body) else b""
    found = []
    for tag in _LINK.finditer(head + tail):
        given = {name.lower(): one or other for name, one, other in _ATTRIBUTE.findall(tag[1])}
        href = unescape(given.get(b"href", b"").decode("utf-8", "replace")).strip()
        if href:
            found.append((href, set(given.get(b"rel", b"").decode("utf-8", "replace").lower().split())))
    return found


def _in_json(body: bytes) -> list[tuple[str, set[str]]]:
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return []
    if not isinstance(feed, dict) or not isinstance(feed.get("hubs"), list):
        return []
    hubs = [one.get("url") for one in feed["hubs"] if isinstance(one, dict) and one.get("type", "").lower() == "websub"]
    found = [(hub, {"hub"}) for hub in hubs if isinstance(hub, str)]
    own = feed.get("feed_url")
    return [*found, (own, {"self"})] if isinstance(own, str) else found
