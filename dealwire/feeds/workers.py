"""Processes that can be killed: a document that takes too long or too much costs a process, not the run."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from schemas.errors import FeedHostile

_PROGRAM = Path(__file__).with_name("worker.py")
# Nothing of the environment is needed, and it may hold secrets.
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")


class Workers:
    """Answers requests of several threads by a few processes. A context manager.

    `work` is the module that reads, as `worker` wants it. `seconds` of a processor bound one document, `megabytes` what
    reading it may allocate, `at_most` the processes; a further one is started when a caller has waited `patience`
    seconds, with `only_stuck` if none of them has answered anybody meanwhile, either. `doing` names the work in
    messages: it takes more than 10 s to `parse`.
    """

    def __init__(
        self,
        work: str,
        *,
        seconds: float,
        megabytes: float,
        at_most: int,
        patience: float,
        doing: str,
        only_stuck: bool = False,
    ) -> None:
        self._work, self._seconds, self._megabytes = work, seconds, megabytes
        self._at_most, self._patience, self._doing = at_most, patience, doing
        # Also when one was started: it needs a moment before it can answer.
        self._only_stuck, self._answered_at = only_stuck, 0.0
        self._idle: list[_Worker] = []
        self._count = 0
        self._closed = False
        self._turn = threading.Condition()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the processes that are idle, and each of the others when it has answered."""
        with self._turn:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.stop()

    def ask(self, body: bytes, *, url: str, content_type: str = "") -> dict[str, Any]:
        """What is read out of a document fetched from `url`. Raises `FeedHostile` if it is beyond the bounds."""
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
        return answer

    def _take(self) -> "_Worker":
        with self._turn:
            while True:
                if self._idle:
                    return self._idle.pop()
                waited = self._count == 0 or not self._turn.wait_for(lambda: bool(self._idle), self._patience)
                # Others may have started one while this caller waited.
                if waited and not self._idle and self._count < self._at_most and (self._count == 0 or self._lacking()):
                    self._count += 1
                    self._answered_at = time.monotonic()
                    break
        return _Worker(self._work, self._seconds, self._megabytes)

    def _lacking(self) -> bool:
        return not self._only_stuck or time.monotonic() - self._answered_at >= self._patience

    def _give(self, worker: "_Worker | None") -> None:
        with self._turn:
            if worker is None:
                self._count -= 1
            elif self._closed:
                worker.stop()
            else:
                self._idle.append(worker)
                self._answered_at = time.monotonic()
            self._turn.notify()

    def _died(self, code: int | None) -> str:
        if code in (-signal.SIGALRM, -signal.SIGPROF):
            return f"it takes more than {self._seconds:g} s to {self._doing}"
        if code == -signal.SIGKILL:
            return f"it takes too much memory to {self._doing}"
        return f"it ended the process that was to {self._doing} it (exit {code})"


class _Worker:
    def __init__(self, work: str, seconds: float, megabytes: float) -> None:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        where = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(  # noqa: S603 - a program of our own, with numbers as arguments
            # Without its own folder on the path: modules of ours have names of the standard library's.
            [sys.executable, "-P", str(_PROGRAM), work, str(seconds), str(megabytes)],
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
