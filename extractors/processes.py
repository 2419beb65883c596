"""Extraction in several processes: texts go out and records come back as bytes, in order.

A process that dies costs the text it was reading and nothing else. Starting one takes seconds, so what is little is
read in this process.
"""

import json
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from extractors import catalog, language_model, parcels, run
from extractors.encoder import session
from extractors.nlp import readable
from extractors.registry import Extractor
from extractors.run import Outcome
from schemas.errors import ProcessesUnusable

MOST = 4
"""Processes, unless more are asked for."""
WORTH = {True: 200, False: 1000}
"""Texts, with the encoder and without, that take one process longer than others take to start.

Without it a text takes 8 ms of a processor and a start 3 to 4 s; `python -m benchmarks extract` tells of this machine.
"""
_AHEAD = 4
"""Texts a process that may be under way at once, so that none waits while the caller stores results."""


class Readers:
    """Extraction as `run.extract` does it, over several processes, which are kept. A context manager.

    `processes` 0: as many as there are cores, at most four, once there are texts enough. `expected` says how many will
    come in all; where it is not known, the first ones are read in this process and the others join when more come.
    """

    def __init__(
        self,
        *,
        processes: int = 0,
        using: Sequence[Extractor] | None = None,
        encoder: bool = True,
        catalogue: bool = True,
        spacy_pipeline: str = "",
        expected: int | None = None,
    ) -> None:
        if using is None:
            from extractors.builtin import extractors

            using = extractors()
        self._using = tuple(using)
        self._how: dict[str, Any] = {"encoder": encoder, "catalogue": catalogue, "spacy_pipeline": spacy_pipeline}
        self._size = processes or min(MOST, os.cpu_count() or 1)
        self._asked = processes > 0
        self._alone: float = 0
        """How many more texts this process reads before it gets help."""
        if not processes:
            enough = WORTH[encoder and session.available()]
            self._alone = enough if expected is None else 0 if expected >= enough else float("inf")
        if self._size == 1 or not all(map(_importable, self._using)):
            self._alone = float("inf")
        self._pool: _Pool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.close()

    def extract(self, texts: Iterable[str]) -> Iterator[tuple[Outcome, ...]]:
        """For each text, in order, what each extractor found.

        Raises `ProcessesUnusable` where processes were asked for and do not start.
        """
        given = iter(texts)
        if self._alone > 0:
            yield from run.extract(self._first(given), using=self._using, **self._how)
        if (text := next(given, None)) is None:
            return
        if self._pool is None:
            try:
                self._pool = _Pool(self._size, self._using, self._how)
            except ProcessesUnusable:
                if self._asked:
                    raise
                self._alone = float("inf")
        rest = _chained(text, given)
        if self._pool is None:
            yield from run.extract(rest, using=self._using, **self._how)
        else:
            yield from self._pool.extract(rest)

    def _first(self, given: Iterator[str]) -> Iterator[str]:
        while self._alone > 0 and (text := next(given, None)) is not None:
            self._alone -= 1
            yield text


class _Pool:
    def __init__(self, size: int, using: tuple[Extractor, ...], how: dict[str, Any]) -> None:
        self._size, self._using = size, using
        homes = [(one.name, one.function.__module__, _file(one)) for one in using]
        asked = language_model.asked_for()
        self._hello = json.dumps(
            {
                "processes": size,
                "extractors": homes,
                "how": how,
                "catalog": catalog.added(),
                "language_model": asked and asked.model_dump(mode="json"),
            }
        ).encode()
        # None: nothing more is to be read.
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        self._workers: set[_Worker] = set()
        self._closed = False
        self._threads = ThreadPoolExecutor(size)
        try:
            for _ in range(size):
                self._start()
            # One that works is enough to know that they all do.
            next(iter(self._workers)).greet()
        except BaseException:
            self.close()
            raise

    def extract(self, texts: Iterable[str]) -> Iterator[tuple[Outcome, ...]]:
        under_way: deque[Future[tuple[Outcome, ...]]] = deque()
        try:
            for text in texts:
                under_way.append(self._threads.submit(self._read, text))
                if len(under_way) >= self._size * _AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for one in under_way:
                one.cancel()

    def close(self) -> None:
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for _ in range(self._size):
            self._idle.put(None)
        for worker in list(self._workers):
            worker.hang_up()
        for worker in list(self._workers):
            worker.stop()
        self._threads.shutdown()

    def _read(self, text: str) -> tuple[Outcome, ...]:
        worker = self._idle.get()
        if worker is None:
            raise ProcessesUnusable("they are being stopped")
        answer: bytes | None = None
        try:
            worker.greet()
            answer = worker.ask(readable(text).encode())
        finally:
            if answer is not None:
                self._idle.put(worker)
            else:
                self._workers.discard(worker)
                code = worker.stop()
                if not self._closed:
                    self._start()
        if answer is None:
            return run.failed(self._using, f"the process that read this text {_ended(code)}; the others go on")
        return parcels.unpack(answer, self._using)

    def _start(self) -> None:
        worker = _Worker(self._hello)
        self._workers.add(worker)
        self._idle.put(worker)


class _Worker:
    def __init__(self, hello: bytes) -> None:
        # The first entry of the path may be empty and mean the folder one is in.
        where = os.pathsep.join(str(Path(path).resolve()) for path in sys.path)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "extractors.process_worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": where},
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


def _chained(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _importable(one: Extractor) -> bool:
    """Whether another process can find the extractor: in a file that is not the program's own, in no function."""
    return one.function.__module__ != "__main__" and "<locals>" not in one.function.__qualname__ and bool(_file(one))


def _file(one: Extractor) -> str:
    return getattr(sys.modules.get(one.function.__module__), "__file__", None) or ""


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    reason = ", perhaps for want of memory" if code == -signal.SIGKILL else ""
    return f"was killed by {signal.Signals(-code).name}{reason}"
