"""robots.txt: which pages a site lets us read, and how fast."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dealwire.feeds import freshness
from schemas import SiteRules
from schemas.errors import DealwireError, FeedUnreachable

if TYPE_CHECKING:
    from protego import Protego

    from dealwire.feeds.client import Client

AGENT = "dealwire"
# RFC 9309: a crawler reads at least this much, and may leave the rest.
_LONGEST = 512_000
# A site may ask for pauses of minutes; past this one a page is left for a later round.
_PATIENCE = 30.0
# For how long rules hold: a day at most (RFC 9309, 2.4), and one run at least.
_HOLD_LONGEST, _HOLD_SHORTEST = timedelta(hours=24), timedelta(minutes=10)


def site_of(url: str) -> str:
    """The site whose robots.txt speaks for an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


class Robots:
    """The rules of all sites met, each asked for once, and not at all while `known` ones hold.

    Used by several threads at once.
    """

    def __init__(
        self,
        client: "Client",
        *,
        known: Iterable[SiteRules] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client, self._now = client, now
        self._known = {one.site: one for one in known}
        self._learned: list[SiteRules] = []
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    def learned(self) -> list[SiteRules]:
        """What was read since this was last asked, to be stored."""
        with self._lock:
            learned, self._learned = self._learned, []
        return learned

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
        with self._lock:
            return self._hosts.setdefault(site_of(url), _Host())

    def _rules(self, url: str) -> "Protego | None":
        host, site = self._host(url), site_of(url)
        with host.lock:
            if not host.asked:
                try:
                    host.rules = _parsed(self._text(site))
                except DealwireError as error:
                    host.error = error
                host.asked = True
        if host.error is not None:
            raise host.error
        return host.rules

    def _text(self, site: str) -> str | None:
        stored = self._known.get(site)
        if stored is not None and self._now() < stored.fresh_until:
            return stored.rules
        try:
            fetched = self._fetched(site)
        except DealwireError:
            # A server in trouble: what it said before still counts.
            if stored is not None:
                return stored.rules
            raise
        with self._lock:
            self._learned.append(fetched)
        return fetched.rules

    def _fetched(self, site: str) -> SiteRules:
        at = self._now()
        try:
            answer = self._client.fetch(f"{site}/robots.txt", accept="text/plain, */*;q=0.5")
        except FeedUnreachable as error:
            # No rules: everything is allowed. A server in trouble, or one that asks to wait, is another matter.
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                return SiteRules(site=site, fetched_at=at, fresh_until=at + _HOLD_LONGEST)
            raise
        text = answer.body[:_LONGEST].decode("utf-8", "replace").lstrip("\ufeff").replace("\x00", "")
        return SiteRules(site=site, rules=text, fetched_at=at, fresh_until=at + _hold(answer.headers, at))


def _parsed(text: str | None) -> "Protego | None":
    from protego import Protego

    return None if text is None else Protego.parse(text)


def _hold(headers: Mapping[str, str], now: datetime) -> timedelta:
    """For how long rules that came with these headers hold."""
    said = freshness.max_age(headers, now)
    if said is None:
        said = timedelta(0) if "no-" in headers.get("cache-control", "").lower() else _HOLD_LONGEST
    return max(_HOLD_SHORTEST, min(_HOLD_LONGEST, said))


class _Host:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.asked = False
        self.rules: Protego | None = None
        self.error: DealwireError | None = None
        self.next_at = 0.0
