"""robots.txt: which pages a site lets us read, and how fast."""

import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from schemas.errors import DealwireError, FeedUnreachable

if TYPE_CHECKING:
    from protego import Protego

    from dealwire.feeds.client import Client

AGENT = "dealwire"
# RFC 9309: a crawler reads at least this much, and may leave the rest.
_LONGEST = 512_000
# A site may ask for pauses of minutes; past this one a page is left for a later round.
_PATIENCE = 30.0


class Robots:
    """The rules of all hosts met, each asked for once. Used by several threads at once."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    def allowed(self, url: str) -> bool:
        """Whether the page may be read.

        Raises `FeedUnreachable` when the host has rules but does not give them out now (RFC 9309, 2.3.1.4).
        """
        rules = self._rules(url)
        return rules is None or bool(rules.can_fetch(url, AGENT))

    def wait(self, url: str) -> bool:
        """Wait for the pause that the host asks for between two pages; False if that would take too long for now."""
        host, rules = self._host(url), self._rules(url)
        delay = float(rules.crawl_delay(AGENT) or 0) if rules is not None else 0.0
        if delay <= 0:
            return True
        with host.lock:
            start = max(time.monotonic(), host.next_at)
            if start - time.monotonic() > _PATIENCE:
                return False
            host.next_at = start + delay
        time.sleep(max(0.0, start - time.monotonic()))
        return True

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the host names."""
        rules = self._rules(url)
        return list(rules.sitemaps) if rules is not None else []

    def _host(self, url: str) -> "_Host":
        parts = urlsplit(url)
        with self._lock:
            return self._hosts.setdefault(f"{parts.scheme}://{parts.netloc}".lower(), _Host())

    def _rules(self, url: str) -> "Protego | None":
        host, parts = self._host(url), urlsplit(url)
        with host.lock:
            if not host.asked:
                try:
                    host.rules = self._fetch(f"{parts.scheme}://{parts.netloc}/robots.txt")
                except DealwireError as error:
                    host.error = error
                host.asked = True
        if host.error is not None:
            raise host.error
        return host.rules

    def _fetch(self, url: str) -> "Protego | None":
        from protego import Protego

        try:
            answer = self._client.fetch(url, accept="text/plain, */*;q=0.5")
        except FeedUnreachable as error:
            # No rules: everything is allowed. A server in trouble, or one that asks to wait, is another matter.
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return None
            raise
        text = answer.body[:_LONGEST].decode("utf-8", "replace").lstrip("\ufeff")
        return Protego.parse(text)


class _Host:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = False
        self.rules: Protego | None = None
        self.error: DealwireError | None = None
        self.next_at = 0.0
