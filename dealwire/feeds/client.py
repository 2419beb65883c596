"""The HTTP client: one identity, bounded in time and size, polite to hosts, kept out of private networks."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import NamedTuple, Self, cast
from urllib.parse import urlencode, urljoin

import httpcore

from dealwire.feeds import decode, freshness, wire
from dealwire.feeds.deadline import extend, within
from dealwire.feeds.guard import GuardedBackend, Resolve, resolve, split_host
from dealwire.feeds.hosts import Hosts, Place, host_key
from schemas.errors import BodyTooLarge, DealwireError, FeedUnreachable, HostPaused

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, text/html;q=0.9, */*;q=0.8"
_REDIRECTS = 10
_PERMANENT = (301, 308)
_MOVES = (301, 302, 303, 307, 308)
# A form is sent on only by redirects that promise to keep it one.
_FORM_MOVES = (307, 308)
# Of the answer to a form, only what a person might want to read.
_ANSWER_TO_FORM = 1_000
# So many bodies above so many bytes are in memory at once, whatever many servers send at the same time.
_ROOMS = ((256_000, 8), (1_000_000, 2))
# A host that says 429 without saying how long.
_UNSAID_PAUSE = 60.0


class Response(NamedTuple):
    """An answer: `url` is where redirects ended, `body` is decompressed, header names are lower case.

    `moved_to` is where permanent redirects alone lead; None if there was none.
    """

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    moved_to: str | None = None


class _Asked(NamedTuple):
    """What is sent at each hop: headers to all hosts, `own` ones to the first alone, a form if it is posted."""

    headers: list[tuple[str, str]]
    own: Sequence[tuple[str, str]] = ()
    proxy: str | None = None
    form: bytes | None = None
    handed_over: Callable[[], None] | None = None


class Client:
    """Fetches addresses from several threads at once. A context manager.

    `total_seconds` bounds one whole download (not its wait for a place at its host), `max_bytes` its body after
    decompression, `at_once` all downloads and `per_host` those from one host under way at the same time, whose starts
    are `delay` seconds apart. `paused`: hosts that want to be left alone, and until when. `proxy`: through which all
    goes that has none of its own.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        connect_seconds: float = 10,
        read_seconds: float = 20,
        total_seconds: float = 30,
        max_bytes: int = 15_000_000,
        at_once: int = 16,
        per_host: int = 2,
        delay: float = 0.0,
        allow_private_hosts: tuple[str, ...] = (),
        connect_to: Mapping[str, str] | None = None,
        proxy: str | None = None,
        paused: Mapping[str, datetime] | None = None,
        resolve: Resolve = resolve,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.at_once = at_once
        self._total_seconds, self._max_bytes, self._proxy, self._now = total_seconds, max_bytes, proxy, now
        backend = GuardedBackend(allow_private_hosts, connect_to, resolve)

        def spared(host: str) -> bool:
            # Hosts that are named in the settings are the user's own.
            return backend.allows(*_host_and_port(host))

        self.hosts = Hosts(per_host=per_host, delay=delay, spared=spared, paused=paused, now=now)
        timeouts = {"connect": connect_seconds, "read": read_seconds, "write": read_seconds, "pool": connect_seconds}
        self._wires = wire.Wires(backend, timeouts)
        self._rooms = [threading.Semaphore(places) for _, places in _ROOMS]
        self._agent = ("User-Agent", f"dealwire/{_version()} (+{contact})")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wires.close()

    def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str | None = None,
        headers: Sequence[tuple[str, str]] = (),
        proxy: str | None = None,
        place: Place | None = None,
        minding_pauses: bool = True,
    ) -> Response:
        """The answer at `url`, 304 included.

        `headers` go to the host of `url` alone, not where it redirects to. `place` is one at its host that the caller
        has taken already; it says `done_with` when it has used the body. Raises `FeedUnreachable` (no answer, too slow,
        an error status), `HostPaused`, `AddressRefused` or `BodyTooLarge`.
        """
        sent = [self._agent, ("Accept-Encoding", "gzip, deflate, br, zstd"), ("Accept", accept or _ACCEPT)]
        sent += [("If-None-Match", etag)] if etag else []
        sent += [("If-Modified-Since", last_modified)] if last_modified else []
        return self._judged(self._answer(url, _Asked(sent, headers, proxy or self._proxy), place, minding_pauses))

    def post(self, url: str, form: Mapping[str, str]) -> Response:
        """The answer to a form, whatever its status, with the beginning of its body.

        Bounded and guarded as `fetch`, and raises what it does, except for an error status.
        """
        return self.send(url, urlencode(form).encode(), content_type="application/x-www-form-urlencoded")

    def send(
        self,
        url: str,
        body: bytes,
        *,
        content_type: str,
        headers: Sequence[tuple[str, str]] = (),
        handed_over: Callable[[], None] | None = None,
    ) -> Response:
        """The answer to a body that is posted, as `post` gives it; `headers` go to the host of `url` alone.

        `handed_over` is called whenever the whole of it is on its way to a server.
        """
        sent = [self._agent, ("Accept", "*/*"), ("Content-Type", content_type)]
        return self._answer(url, _Asked(sent, headers, self._proxy, body, handed_over), None, True)

    def _answer(self, url: str, asked: _Asked, place: Place | None, minding_pauses: bool) -> Response:
        try:
            return self._follow(url, asked, place, minding_pauses)
        except DealwireError:
            raise
        except httpcore.TimeoutException as error:
            raise FeedUnreachable(wire.shown(url), f"it took too long: {_said(error)}") from error
        except decode.TooLong as error:
            raise BodyTooLarge(wire.shown(url), self._max_bytes) from error
        except wire.BadAddress as error:
            raise FeedUnreachable(wire.shown(url), str(error), lasting=True) from error
        except Exception as error:  # what a server sends can break any layer in its own way
            raise FeedUnreachable(wire.shown(url), _said(error), lasting=_is_certificate(error)) from error

    def _follow(self, url: str, asked: _Asked, place: Place | None, minding_pauses: bool) -> Response:
        seconds, here, home = self._total_seconds, url, wire.origin(url)
        moved_to: str | None = None
        permanent, used, been = True, False, {url}
        for _ in range(_REDIRECTS + 1):
            host = host_key(here)
            if minding_pauses and (until := self.hosts.paused_until(host)):
                raise HostPaused(wire.shown(url), until)
            headers = [*asked.headers, *(asked.own if wire.origin(here) == home else ())]
            request = wire.Asked(here, headers, asked.proxy, asked.form, asked.handed_over)
            held = place if place is not None and place.host == host and not used else self.hosts.enter(host)
            used = True
            held.heard = started = time.monotonic()
            try:
                with within(seconds, held):
                    status, found, body = self._one(request, place or held)
            finally:
                self.hosts.leave(held)
                if place is None:
                    self.done_with(held)
            seconds -= time.monotonic() - started
            moves = _MOVES if asked.form is None else _FORM_MOVES
            if status not in moves or not found.get("location"):
                answer = Response(here, status, found, body, moved_to)
                self._mind_pause(answer, host)
                return answer
            here = urljoin(here, found["location"])
            permanent = permanent and status in _PERMANENT
            moved_to = here if permanent else moved_to
            if here in been:
                raise FeedUnreachable(wire.shown(url), "its redirects go round in a circle", lasting=True)
            been.add(here)
        raise FeedUnreachable(wire.shown(url), f"more than {_REDIRECTS} redirects", lasting=True)

    def done_with(self, place: Place) -> None:
        """Say that a body fetched with a place of the caller's has been used and is no longer held."""
        for room in self._rooms[: place.rooms]:
            room.release()
        place.rooms = 0

    def _grown(self, place: Place, length: int) -> None:
        while place.rooms < len(_ROOMS) and length > _ROOMS[place.rooms][0]:
            started = time.monotonic()
            self._rooms[place.rooms].acquire()
            place.rooms += 1
            # Waiting for others is not this server's fault.
            extend(time.monotonic() - started)

    def _mind_pause(self, answer: Response, host: str) -> None:
        if answer.status in (429, 503):
            asked = freshness.retry_after(answer.headers, self._now())
            if asked is not None or answer.status == 429:
                self.hosts.pause(host, _UNSAID_PAUSE if asked is None else asked)

    def _judged(self, answer: Response) -> Response:
        status = answer.status
        if status != 304 and not (200 <= status < 300 and status != 206):
            temporary = status in (408, 425, 429) or status >= 500
            raise FeedUnreachable(wire.shown(answer.url), f"status {status}", status, lasting=not temporary)
        return answer

    def _one(self, request: wire.Asked, place: Place) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of one answer; only an answer that is used has a body."""
        with self._wires.ask(request) as answer:
            found = wire.header_names(answer.headers.raw)
            if request.form is not None:
                return answer.status_code, found, _beginning(answer.iter_raw(), _ANSWER_TO_FORM)
            if answer.status_code == 304:
                # Nothing follows; reading that much keeps the connection.
                for _ in cast(Iterable[bytes], answer.stream):
                    break
                return answer.status_code, found, b""
            if not 200 <= answer.status_code < 300 or answer.status_code == 206:
                return answer.status_code, found, b""
            length = found.get("content-length", "")
            if length.isdigit() and int(length) > self._max_bytes:
                raise decode.TooLong
            body = decode.whole(
                answer.iter_raw(),
                encoding=found.get("content-encoding", ""),
                most=self._max_bytes,
                grown=lambda length: self._grown(place, length),
            )
            return answer.status_code, found, body


def _beginning(chunks: Iterable[bytes], length: int) -> bytes:
    found = b""
    for chunk in chunks:
        found += chunk
        if len(found) >= length:
            break
    return found[:length]


def _host_and_port(host: str) -> tuple[str, int]:
    name, port = split_host(host)
    return name, port or 80


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _is_certificate(error: Exception) -> bool:
    return "certificate" in str(error).lower()


@cache
def _version() -> str:
    from importlib.metadata import version

    return version("dealwire")
