"""The SQL box: questions of visitors, each answered by a process of its own that can do nothing else.

What a question may name is public anyway; see `copies.KEPT_BACK` for what is not. What was found safe to allow, and why
a process a question: one DuckDB process can be made to abort by a SELECT.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from schemas.errors import InvalidInput, QueryFailed

if TYPE_CHECKING:
    import pyarrow as pa

_PROGRAM = Path(__file__).with_name("sandbox_worker.py")
# Nothing of the environment is needed, and it may hold secrets.
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT")
LONGEST_QUERY = 10_000
_HEAD = 10_000


class Answer(NamedTuple):
    """Rows of a question. `more`: there are more than were wanted, or than there is room for; `seconds` it took."""

    table: "pa.Table"
    more: bool
    seconds: float


class Sandbox:
    """Answers questions about the database at `path`; threads may share it.

    `seconds` and `megabytes` bound one question, `rows` and `bytes` its answer, `at_once` how many run beside one
    another. `patience`: seconds to wait for a turn, and for another process that writes to the database.
    """

    def __init__(
        self,
        path: Path,
        *,
        seconds: float = 10,
        megabytes: int = 512,
        rows: int = 10_000,
        size: int = 32_000_000,
        at_once: int = 2,
        patience: float = 10,
    ) -> None:
        self.path, self.seconds, self.rows = path.absolute(), seconds, rows
        self._megabytes, self._size, self._patience = megabytes, size, patience
        self._turns = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def ask(self, query: str, tables: Sequence[str], *, rows: int | None = None) -> Answer:
        """The answer to one SELECT over the tables and views that are named.

        Raises `QueryFailed` in the database's words, or saying what is not allowed, took too long or ended the process;
        `InvalidInput` where there is no question.
        """
        if not query.strip():
            raise InvalidInput("write a SELECT first")
        if len(query) > LONGEST_QUERY:
            raise InvalidInput(f"the question is longer than {LONGEST_QUERY:,} characters")
        if not self._turns.acquire(timeout=self._patience):
            raise QueryFailed("others are asking just now; ask again in a moment")
        try:
            return self._asked(query, tables, self.rows if rows is None else min(rows, self.rows))
        finally:
            self._turns.release()

    def stop(self) -> None:
        """End the process; the next question starts another one."""
        with self._lock:
            self._end()

    def _asked(self, query: str, tables: Sequence[str], rows: int) -> Answer:
        import pyarrow as pa

        asked = {
            "database": str(self.path),
            "query": query,
            "tables": list(tables),
            "rows": rows,
            "bytes": self._size,
            "seconds": self.seconds,
            "megabytes": self._megabytes,
            "patience": self._patience,
        }
        line = self._forked()
        try:
            # The kernel ends the child before; this is for a machine that stands still.
            line.settimeout(self._patience + self.seconds + 30)
            line.sendall(json.dumps(asked).encode() + b"\n")
            began = time.monotonic()
            told = _read(line, 2 * self._size + _HEAD)
        except OSError as error:
            raise QueryFailed("the process that was to answer did not; ask again") from error
        finally:
            line.close()
        head, found, body = told.partition(b"\n")
        if not found:
            if time.monotonic() - began >= self.seconds * 0.9:
                raise QueryFailed(
                    f"it took more than {self.seconds:g} s and was stopped; ask for less, or narrow it down"
                )
            raise QueryFailed("the question ended the process that was to answer it; nothing else was harmed")
        result = json.loads(head)
        if "error" in result:
            raise QueryFailed(result["error"])
        with pa.ipc.open_stream(body) as stream:
            return Answer(stream.read_all(), result["more"], result["seconds"])

    def _forked(self) -> socket.socket:
        """A line to a process that answers one question."""
        ours, theirs = socket.socketpair()
        try:
            with self._lock:
                for again in (True, False):
                    requests = self._started()
                    try:
                        socket.send_fds(requests, [b"q"], [theirs.fileno()])
                        break
                    except OSError as error:
                        # It was ended from outside.
                        self._end()
                        if not again:
                            raise QueryFailed("the process that answers questions does not start") from error
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def _started(self) -> socket.socket:
        if self._process is not None and self._process.poll() is None and self._line is not None:
            return self._line
        self._end()
        self._line, theirs = socket.socketpair()
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        where = os.pathsep.join(path for path in sys.path if path)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - a program of our own
                # Without its own folder on the path: modules of ours have names of the standard library's.
                [sys.executable, "-P", str(_PROGRAM)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=kept | {"PYTHONPATH": where, "PYTHONDONTWRITEBYTECODE": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"},
                cwd="/",
            )
        return self._line

    def _end(self) -> None:
        """With its line closed, it ends by itself."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            try:
                self._process.wait(1)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def _read(line: socket.socket, most: int) -> bytes:
    """All that comes; no answer is longer than `most`."""
    told = bytearray()
    # Reset: it ended before it had read the question.
    with contextlib.suppress(ConnectionResetError):
        while part := line.recv(1 << 16):
            told += part
            if len(told) > most:
                raise QueryFailed("the answer is too large")
    return bytes(told)
