"""Extraction in several processes: texts go out and records come back as bytes, in order.

A process that dies costs the text it was reading and nothing else, and where a user's extractor was at work, that
extractor's records of the text alone. Starting a process takes seconds, so what is little is read in this one.
"""

import json
import mmap
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from extractors import catalog, discover, language_model, parcels, registry, run
from extractors.encoder import Encoder, session
from extractors.limits import Limits
from extractors.limits import possible as limits_hold
from extractors.nlp import readable
from extractors.process_worker import AT_WORK, SLOT
from extractors.registry import Extractor
from extractors.run import NO_LIMITS, Outcome, Watch
from schemas.component import Component
from schemas.errors import ProcessesUnusable

MOST = 4
"""Processes, unless more are asked for."""
WORTH = {True: 200, False: 1000}
"""Texts, with the encoder and without, that take one process longer than others take to start.

Without it a text takes 8 ms of a processor and a start 3 to 4 s; `python -m benchmarks extract` tells of this machine.
"""
WORTH_SECONDS = 8.0
"""The same where no built-in extractor reads: texts that take one process longer are shared."""
_TRIED = 20
"""Texts after which it is known how long one takes."""
_AHEAD = 4
"""Texts a process that may be under way at once, so that none waits while the caller stores results."""
_PATIENCE_SECONDS = 2.0
"""A process whose alarm should have gone off is ended so much later."""


class Readers:
    """Extraction as `run.extract` does it, over several processes, which are kept. A context manager.

    `processes` 0: as many as there are cores, at most four, once there are texts enough. `expected` says how many will
    come in all; where it is not known, the first ones are read in this process and the others join when more come.
    `apart`: this process reads nothing, unless it alone has the extractors. `watch` is told which extractor of a user
    is at work in this process.
    """

    def __init__(
        self,
        *,
        processes: int = 0,
        using: Sequence[Extractor] | None = None,
        encoder: Encoder = True,
        catalogue: bool = True,
        spacy_pipeline: str = "",
        components: Sequence[Component] = (),
        limits: Limits = NO_LIMITS,
        expected: int | None = None,
        apart: bool = False,
        watch: Watch | None = None,
    ) -> None:
        if using is None:
            from extractors.builtin import extractors

            using = extractors()
        self._using = tuple(using)
        self._how: dict[str, Any] = {
            "encoder": encoder,
            "catalogue": catalogue,
            "spacy_pipeline": spacy_pipeline,
            "components": tuple(components),
            "limits": limits,
        }
        self._excused: dict[str, str] = {}
        self._watch = watch
        self._size = processes or min(MOST, os.cpu_count() or 1)
        self._asked = processes > 0
        self._expected = expected
        every = _with_required(self._using)
        self._paced = not processes and all(one.custom for one in every)
        self._read, self._spent, self._handed = 0, 0.0, 0.0
        self._alone: float = 0
        """How many more texts this process reads before it gets help."""
        if not processes:
            enough = WORTH[bool(encoder) and session.available()]
            self._alone = enough if expected is None else 0 if expected >= enough else float("inf")
        if self._size == 1 or self._paced:
            self._alone = float("inf")
        if limits != NO_LIMITS and any(one.custom for one in every) and not limits_hold():
            # In another process they are in its main thread, where limits hold.
            self._alone, self._paced = 0, False
        if apart:
            self._alone, self._paced = 0, False
        if not all(map(importable, every)):
            self._alone, self._paced = float("inf"), False
        self._pool: _Pool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.close()

    def excuse(self, name: str, reason: str) -> None:
        """Try the extractor no more: on texts that come it fails with this reason."""
        self._excused[name] = reason

    def extract(self, texts: Iterable[str], names: Sequence[str] | None = None) -> Iterator[tuple[Outcome, ...]]:
        """For each text, in order, what each extractor found, or each of those named.

        Raises `ProcessesUnusable` where processes were asked for and do not start.
        """
        using = self._using if names is None else tuple(one for one in self._using if one.name in names)
        given = iter(texts)
        if self._alone > 0:
            for outcomes in self._here(self._first(given), using):
                self._spent += time.perf_counter() - self._handed
                yield outcomes
        if (text := next(given, None)) is None:
            return
        if self._pool is None:
            try:
                self._pool = _Pool(self._size, self._using, self._how)
            except ProcessesUnusable:
                if self._asked:
                    raise
                self._alone = float("inf")
        rest = chain([text], given)
        if self._pool is None:
            yield from self._here(rest, using)
        else:
            yield from self._pool.extract(rest, using, self._excused)

    def _here(self, texts: Iterable[str], using: Sequence[Extractor]) -> Iterator[tuple[Outcome, ...]]:
        return run.extract(texts, using=using, excused=self._excused, watch=self._watch, **self._how)

    def _first(self, given: Iterator[str]) -> Iterator[str]:
        while self._alone > 0 and not self._slow() and (text := next(given, None)) is not None:
            self._alone -= 1
            self._read += 1
            self._handed = time.perf_counter()
            yield text

    def _slow(self) -> bool:
        """Whether the texts that are left would take this process alone so long that others should help."""
        if not self._paced or self._read < _TRIED or self._expected is None or self._size == 1:
            return False
        if (self._expected - self._read) * self._spent / self._read > WORTH_SECONDS:
            self._alone = 0
        return self._alone == 0


class _Pool:
    def __init__(self, size: int, using: tuple[Extractor, ...], how: dict[str, Any]) -> None:
        self._size = size
        every = _with_required(using)
        homes = [(one.function.__module__, _file(one)) for one in every]
        asked = language_model.asked_for()
        told = {
            "processes": size,
            "modules": list(dict.fromkeys([*discover.modules(), *homes])),
            "extractors": [one.name for one in every],
            "how": how | {"components": [one.model_dump() for one in how["components"]]},
            "catalog": catalog.added(),
            "language_model": asked and asked.model_dump(mode="json"),
        }
        self._hello = json.dumps(told).encode()
        self._names = [one.name for one in every]
        bound = how["limits"].seconds
        self._seconds = {one.name: (one.seconds or bound) if bound else 0.0 for one in every}
        # None: nothing more is to be read.
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        self._workers: set[_Worker] = set()
        self._closed = threading.Event()
        self._threads = ThreadPoolExecutor(size)
        self._watch = threading.Thread(target=self._end_the_overdue, daemon=True)
        try:
            for _ in range(size):
                self._start()
            # One that works is enough to know that they all do.
            next(iter(self._workers)).greet()
        except BaseException:
            self.close()
            raise
        if bound and any(one.custom for one in every):
            self._watch.start()

    def extract(
        self, texts: Iterable[str], using: Sequence[Extractor], excused: Mapping[str, str]
    ) -> Iterator[tuple[Outcome, ...]]:
        under_way: deque[Future[tuple[Outcome, ...]]] = deque()
        try:
            for text in texts:
                under_way.append(self._threads.submit(self._read, text, using, excused))
                if len(under_way) >= self._size * _AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for one in under_way:
                one.cancel()

    def close(self) -> None:
        self._closed.set()
        self._threads.shutdown(wait=False, cancel_futures=True)
        for _ in range(self._size):
            self._idle.put(None)
        for worker in list(self._workers):
            worker.hang_up()
        for worker in list(self._workers):
            worker.stop()
        self._threads.shutdown()

    def _read(self, text: str, using: Sequence[Extractor], excused: Mapping[str, str]) -> tuple[Outcome, ...]:
        body = readable(text).encode()
        excused = dict(excused)
        while True:
            head = json.dumps({"using": [one.name for one in using], "excused": excused}).encode()
            answer, at_work, ended = self._asked(head + b"\n" + body)
            if answer is not None:
                return parcels.unpack(answer, using)
            if not at_work:
                return run.failed(using, f"the process that read this text {ended}; the others go on")
            # It is read again without the user's extractor that has brought the process down.
            name = self._names[at_work - 1]
            excused[name] = f"the process that ran it on this article {ended}; the others go on"

    def _asked(self, parcel: bytes) -> tuple[bytes | None, int, str]:
        """The answer; or None, the number of the user's extractor that was at work (0: none), and how it ended."""
        worker = self._idle.get()
        if worker is None:
            raise ProcessesUnusable("they are being stopped")
        answer: bytes | None = None
        at_work, ended = 0, ""
        try:
            worker.greet()
            answer = worker.ask(parcel)
        finally:
            if answer is not None:
                self._idle.put(worker)
            else:
                self._workers.discard(worker)
                code = worker.stop()
                at_work, _ = worker.at_work()
                ended = worker.overdue or _ended(code)
                if not self._closed.is_set():
                    self._start()
        return answer, at_work, ended

    def _end_the_overdue(self) -> None:
        """End processes in which an extractor does not heed its alarm: it hangs in code that is not Python's."""
        while not self._closed.wait(0.25):
            for worker in list(self._workers):
                number, since = worker.at_work()
                allowed = self._seconds[self._names[number - 1]] if number else 0.0
                if allowed and time.monotonic() - since > allowed + _PATIENCE_SECONDS:
                    worker.overdue = f"was ended after {allowed:g} s"
                    worker.kill()

    def _start(self) -> None:
        worker = _Worker(self._hello)
        self._workers.add(worker)
        self._idle.put(worker)


class _Worker:
    def __init__(self, hello: bytes) -> None:
        # The first entry of the path may be empty and mean the folder one is in.
        where = os.pathsep.join(str(Path(path).resolve()) for path in sys.path)
        self.overdue = ""
        """Why it was ended, if it was."""
        with tempfile.TemporaryFile() as slot:
            slot.truncate(AT_WORK.size)
            self._slot = mmap.mmap(slot.fileno(), AT_WORK.size)
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "extractors.process_worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    # Processes share the cores; threads of their own would wait for each other.
                    env={"OPENBLAS_NUM_THREADS": "1"} | os.environ | {"PYTHONPATH": where, SLOT: str(slot.fileno())},
                    pass_fds=[slot.fileno()],
                )
            except OSError as error:
                raise ProcessesUnusable(str(error)) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        self._ready = False
        self._send(hello)

    def greet(self) -> None:
        """Wait until it is ready; cheap once it is. Raises `ProcessesUnusable`."""
        if self._ready:
            return
        answer = self._receive()
        if answer is None:
            raise ProcessesUnusable(f"it {_ended(self.stop())}")
        if answer:
            raise ProcessesUnusable(answer.decode())
        self._ready = True

    def ask(self, text: bytes) -> bytes | None:
        """The answer; None if the process ended instead."""
        self._send(text)
        return self._receive()

    def _send(self, parcel: bytes) -> None:
        try:
            parcels.send(self._to, parcel)
        except (OSError, ValueError):
            """It is gone, as reading from it will tell; or the pipe was closed by `hang_up` in another thread."""

    def _receive(self) -> bytes | None:
        try:
            return parcels.receive(self._from)
        except (OSError, ValueError):
            return None

    def at_work(self) -> tuple[int, float]:
        """Number of the user's extractor that is at work, or was when the process ended (0: none), and since when."""
        number, since = AT_WORK.unpack_from(self._slot, 0)
        return number, since

    def kill(self) -> None:
        """End it at once; who waits for its answer learns of it."""
        self._process.kill()

    def hang_up(self) -> None:
        """Tell it that nothing more comes."""
        try:
            self._to.close()
        except OSError:
            """It is gone."""

    def stop(self) -> int:
        """End the process; how it ended."""
        self.hang_up()
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._from.close()
        return code


def _with_required(using: Sequence[Extractor]) -> tuple[Extractor, ...]:
    """The extractors and those that they require, at whatever remove."""
    found = {one.name: one for one in using}
    waiting = list(using)
    while waiting:
        for need in waiting.pop().requires:
            if need not in found:
                found[need] = registry.get(need)
                waiting.append(found[need])
    return tuple(found.values())


def importable(one: Extractor) -> bool:
    """Whether another process can find the extractor: in a file that is not the program's own, in no function."""
    return (
        one.function.__module__ != "__main__"
        and "<locals>" not in getattr(one.function, "__qualname__", "")
        and bool(_file(one))
    )


def _file(one: Extractor) -> str:
    return getattr(sys.modules.get(one.function.__module__), "__file__", None) or ""


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    reason = ", perhaps for want of memory" if code == -signal.SIGKILL else ""
    return f"was killed by {signal.Signals(-code).name}{reason}"
