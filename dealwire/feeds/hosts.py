"""Politeness: how many downloads a host serves at once, how far apart they start, and when it wants none at all."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

# A download from which nothing has been heard for so long, or which goes on for so long, costs its host next to nothing
# and must not keep others waiting.
_SILENT_SECONDS, _LONG_SECONDS = 2.0, 10.0
_LONGEST_PAUSE = timedelta(days=1)


@lru_cache(maxsize=8192)
def host_key(url: str) -> str:
    """The host of an address, with its port where that is not the usual one; "" if there is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    name = (parts.hostname or "").rstrip(".")
    return name if port in (None, 80, 443) else f"{name}:{port}"


class Place:
    """One download's place at its host, taken at `since`. `heard` is when the host last sent something.

    `rooms` counts what else the download holds until its body has been used: the larger the body, the scarcer.
    `answered`: all of it has come, so no server is waited for any more; `left`: it was given back.
    """

    __slots__ = ("answered", "heard", "host", "left", "rooms", "since")

    def __init__(self, host: str) -> None:
        self.host, self.rooms, self.answered, self.left = host, 0, False, False
        self.heard = self.since = time.monotonic()


class _Host:
    __slots__ = ("next_start", "places")

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.next_start = 0.0


class Hosts:
    """The hosts that are visited, shared by all threads.

    `per_host` downloads at once, their starts `delay` seconds apart except at hosts that are `spared` that. `paused`
    says until when hosts want to be left alone; what they ask for meanwhile is added.
    """

    def __init__(
        self,
        *,
        per_host: int = 2,
        delay: float = 0.0,
        spared: Callable[[str], bool] = lambda host: False,
        paused: Mapping[str, datetime] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._per_host, self._delay, self._spared, self._now = per_host, delay, spared, now
        self._hosts: dict[str, _Host] = {}
        self._paused = dict(paused or {})
        self._changed = threading.Condition()

    def try_enter(self, host: str) -> Place | float:
        """A place at the host, to be left again, or the seconds after which to ask again."""
        with self._changed:
            return self._try(host)

    def enter(self, host: str) -> Place:
        """A place at the host, waiting for it."""
        with self._changed:
            while not isinstance(found := self._try(host), Place):
                self._changed.wait(found)
            return found

    def leave(self, place: Place) -> None:
        """Give a place back; a second time does nothing."""
        if place.left:
            return
        with self._changed:
            host = self._hosts.get(place.host)
            if host and place in host.places:
                place.left = True
                host.places.remove(place)
                self._changed.notify_all()

    def pause(self, host: str, seconds: float) -> datetime:
        """Leave the host alone for so long and a little longer, so that not all come back at once; until when."""
        asked = min(timedelta(seconds=max(seconds, 1.0)), _LONGEST_PAUSE)
        until = self._now() + asked * random.uniform(1.0, 1.1) + timedelta(seconds=random.uniform(0, 2))
        with self._changed:
            self._paused[host] = max(until, self._paused.get(host, until))
            return self._paused[host]

    def paused_until(self, host: str) -> datetime | None:
        """Until when the host wants to be left alone; None if it does not."""
        until = self._paused.get(host)
        return until if until is not None and until > self._now() else None

    def pauses(self) -> dict[str, datetime]:
        """The hosts that want to be left alone now, with until when."""
        now = self._now()
        with self._changed:
            return {host: until for host, until in self._paused.items() if until > now}

    def _try(self, name: str) -> Place | float:
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = _Host()
        now = time.monotonic()
        if host.next_start > now:
            return host.next_start - now
        active = [one for one in host.places if now - one.heard < _SILENT_SECONDS and now - one.since < _LONG_SECONDS]
        if len(active) >= self._per_host:
            # Somebody leaving wakes who waits; only silence has to be looked for.
            return 0.25
        place = Place(name)
        host.places.append(place)
        if self._delay and not self._spared(name):
            host.next_start = now + self._delay
        return place
