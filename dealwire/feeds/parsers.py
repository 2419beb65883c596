"""Parsing in processes that can be killed: a document that takes too long or too much costs a process, not the run."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dealwire.feeds.parse import ParsedFeed, from_raw
from dealwire.feeds.values import RawEntry, RawFeed
from schemas.errors import FeedHostile, FeedUnreadable

_PROGRAM = Path(__file__).with_name("parse_worker.py")
# A second process is worth its memory only when the first keeps a caller waiting this long.
_PATIENCE = 2.0
# Documents above this may need much memory or time, and are read one after the other; the others pass them by.
_HEAVY = 256_000


class Parsers:
    """Parses feeds for several threads at once. A context manager.

    `seconds` of a processor bound one document, `megabytes` what its parsing may allocate, `at_most` the processes.
    They are started when they are needed.
    """

    def __init__(self, *, seconds: float = 10, megabytes: float = 96, at_most: int = 3) -> None:
        self._seconds, self._megabytes, self._at_most = seconds, megabytes, at_most
        self._idle: list[_Worker] = []
        self._count = 0
        self._closed = False
        self._turn = threading.Condition()
        self._heavy = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._turn:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.stop()

    def parse(self, body: bytes, *, url: str, content_type: str = "") -> ParsedFeed:
        """As `parse.parse`, but bounded. Raises `FeedHostile` for a document that is beyond the bounds, too."""
        with self._heavy if len(body) > _HEAVY else nullcontext():
            return self._parse(body, url, content_type)

    def _parse(self, body: bytes, url: str, content_type: str) -> ParsedFeed:
        worker = self._take()
        answer: dict[str, Any] | None = None
        try:
            answer = worker.ask(body, url, content_type)
        finally:
            # Whatever went wrong, the process is in an unknown state; the next caller gets a fresh one.
            keep = answer is not None and "last" not in answer
            self._give(worker if keep else None)
            code = None if keep else worker.stop()
        if answer is None:
            raise FeedHostile(url, self._died(code))
        if "found" not in answer:
            kind = FeedHostile if answer["hostile"] else FeedUnreadable
            raise kind(url, str(answer["reason"]))
        title, site_url, entries, listed, reader = answer["found"]
        raw = RawFeed(title, site_url, [RawEntry(*one) for one in entries], listed, reader)
        return from_raw(raw, url)

    def _take(self) -> "_Worker":
        with self._turn:
            while True:
                if self._idle:
                    return self._idle.pop()
                waited = self._count == 0 or not self._turn.wait_for(lambda: bool(self._idle), _PATIENCE)
                # Others may have started one while this caller waited.
                if waited and not self._idle and self._count < self._at_most:
                    self._count += 1
                    break
        return _Worker(self._seconds, self._megabytes)

    def _give(self, worker: "_Worker | None") -> None:
        with self._turn:
            if worker is None:
                self._count -= 1
            elif self._closed:
                worker.stop()
            else:
                self._idle.append(worker)
            self._turn.notify()

    def _died(self, code: int | None) -> str:
        if code in (-signal.SIGALRM, -signal.SIGPROF):
            return f"it takes more than {self._seconds:g} s to parse"
        if code == -signal.SIGKILL:
            return "it takes too much memory to parse"
        return f"parsing it ended the parser (exit {code})"


class _Worker:
    def __init__(self, seconds: float, megabytes: float) -> None:
        # The environment may hold secrets, and nothing of it is needed.
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if name in os.environ}
        where = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(  # noqa: S603 - a program of our own, with numbers as arguments
            # Without its own folder on the path: modules of ours have names of the standard library's.
            [sys.executable, "-P", str(_PROGRAM), str(seconds), str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept | {"PYTHONPATH": where, "PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "1"},
        )

    def ask(self, body: bytes, url: str, content_type: str) -> dict[str, Any] | None:
        """The answer; None if the process ended instead."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        head = json.dumps({"url": url, "content_type": content_type[:200], "length": len(body)})
        try:
            self._process.stdin.write(head.encode() + b"\n")
            self._process.stdin.write(body)
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:
            return None
        if not line.endswith(b"\n"):
            return None
        found: dict[str, Any] = json.loads(line)
        return found

    def stop(self) -> int | None:
        """End the process; how it ended."""
        if self._process.stdin is not None:
            try:
                self._process.stdin.close()
            except OSError:
                """It is gone."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code
