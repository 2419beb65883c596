"""The total deadline: every wait on a socket is cut to what is left of the time for the whole download."""

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from dealwire.feeds.hosts import Place

# A connection serves one download at a time, and a download stays in its thread.
_thread = threading.local()


@contextmanager
def within(seconds: float, place: Place | None = None) -> Iterator[None]:
    """Whatever this thread reads or writes inside ends `seconds` from now; `place` is told when something comes."""
    before = getattr(_thread, "ends", None), getattr(_thread, "place", None)
    _thread.ends, _thread.place = time.monotonic() + seconds, place
    try:
        yield
    finally:
        _thread.ends, _thread.place = before


def extend(seconds: float) -> None:
    """Give the download of this thread so much more time."""
    if getattr(_thread, "ends", None) is not None:
        _thread.ends += seconds


def left(timeout: float | None, late: type[Exception]) -> float | None:
    """The shorter of `timeout` and the seconds that are left; raises `late` when none are."""
    ends = getattr(_thread, "ends", None)
    if ends is None:
        return timeout
    rest = float(ends) - time.monotonic()
    if rest <= 0:
        raise late("the whole download took too long")
    return rest if timeout is None else min(rest, timeout)


class DeadlineStream(httpcore.NetworkStream):
    """A network stream that minds the deadline: a server that drips bytes cannot renew its time-out."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, left(timeout, httpcore.ReadTimeout))
        place = getattr(_thread, "place", None)
        if place is not None:
            place.heard = time.monotonic()
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # The end of a request is often nothing at all.
        if buffer:
            self._inner.write(buffer, left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return DeadlineStream(
            self._inner.start_tls(ssl_context, server_hostname, left(timeout, httpcore.ConnectTimeout))
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
