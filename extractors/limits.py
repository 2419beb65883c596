"""Bounds on what a user's extractor may take for one article: time by an alarm, memory by the system's own limit.

Both raise where the extractor is, so that it loses this article and nothing else. They hold in the main thread of a
process alone; `possible` tells. What no Python error can end, `extractors.processes` ends with the process.
"""

import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

_AGAIN_SECONDS = 0.5
"""The alarm is repeated, for code that goes on after an error."""
_MEASURE_SECONDS = 1.0
"""How much memory is in use is asked for no more often: it takes as long as a small extractor."""


class Limits(NamedTuple):
    """What one article may take of one extractor; 0: anything."""

    seconds: float = 10.0
    megabytes: int = 1024


class TookTooLong(BaseException):
    """The time is over. No `Exception`, or code that tries everything again would go on for ever."""


def possible() -> bool:
    """Whether limits can be kept here: signals reach the main thread alone."""
    return threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Raise `TookTooLong` or `MemoryError` in the block when it takes more; what was set before is set again."""
    if not possible():
        yield
        return
    bounded = _bound_memory(limits.megabytes) if limits.megabytes else None
    handler = signal.signal(signal.SIGALRM, _over)
    started = time.monotonic()
    before, interval = signal.setitimer(signal.ITIMER_REAL, limits.seconds, _AGAIN_SECONDS if limits.seconds else 0)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, handler)
        if before:
            signal.setitimer(signal.ITIMER_REAL, max(before - (time.monotonic() - started), 0.001), interval)
        if bounded is not None:
            resource.setrlimit(resource.RLIMIT_DATA, bounded)


def _over(number: int, frame: FrameType | None) -> None:
    raise TookTooLong


_used: tuple[float, int] = (-_MEASURE_SECONDS, 0)


def _bound_memory(megabytes: int) -> tuple[int, int] | None:
    """Allow so much above what is in use; the limits of before, or None where the system keeps no such limit."""
    if sys.platform != "linux":
        return None
    global _used
    now = time.monotonic()
    if now - _used[0] >= _MEASURE_SECONDS:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
        _used = (now, pages * resource.getpagesize())
    before = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _used[1] + megabytes * 2**20
    if before[0] != resource.RLIM_INFINITY and before[0] <= wanted:
        return None
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, before[1]))
    return before
