"""WebSub: which hub a feed names, what is said to a hub, and whether a delivery is the hub's own."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from html import unescape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from schemas.errors import FeedUnreachable, HubRefused

if TYPE_CHECKING:
    from dealwire.feeds.client import Client

_LINK = re.compile(rb"<(?:[\w-]+:)?link\b([^>]*)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_HEADER = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_ALGORITHMS = ("sha1", "sha256", "sha384", "sha512")


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
    """Speaks to hubs through the client, as bounded, polite and guarded as any download."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def subscribe(self, hub: str, *, topic: str, callback: str, secret: str, lease_seconds: int) -> None:
        """Ask for deliveries; the hub then calls back to see whether it was asked. Raises as `unsubscribe`."""
        told = {"hub.secret": secret, "hub.lease_seconds": str(lease_seconds)}
        self._ask(hub, {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": callback} | told)

    def unsubscribe(self, hub: str, *, topic: str, callback: str) -> None:
        """Ask for no more deliveries. Raises `HubRefused`, also if it cannot be reached, and `AddressRefused`."""
        self._ask(hub, {"hub.mode": "unsubscribe", "hub.topic": topic, "hub.callback": callback})

    def _ask(self, hub: str, form: dict[str, str]) -> None:
        try:
            answer = self._client.post(hub, form)
        except FeedUnreachable as error:
            raise HubRefused(hub, error.reason) from error
        if not 200 <= answer.status < 300:
            words = " ".join(re.sub(r"<[^>]*>", " ", answer.body[:200].decode("utf-8", "replace")).split())
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
