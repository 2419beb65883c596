"""The site: its settings, and how a page reads from and writes to the warehouse without holding up what else runs."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

import anyio.to_thread
import duckdb
from anyio import CapacityLimiter

from dealwire.opening import warehouse
from dealwire.settings import Settings
from dealwire.warehouse import copies
from dealwire.web.sandbox import Answer, Sandbox

P = ParamSpec("P")
T = TypeVar("T")
Query = Callable[Concatenate[duckdb.DuckDBPyConnection, P], T]

_AT_ONCE = 8
_BUSY_MOST = 0.5
_REST = 0.1
_COPY_SECONDS = 60


class Site:
    """What every page is given."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # A process that answers a question reaches no network, so it is given a copy of a lake.
        self._copy = settings.database.with_name(f".{settings.database.name}.sql.duckdb") if settings.lake else None
        self._copied = _Copied()
        self.sandbox = Sandbox(
            self._copy or settings.database, seconds=settings.web.sql_seconds, rows=settings.web.sql_rows
        )
        self._turns = Turns()
        self._limiter: CapacityLimiter | None = None

    async def read(self, query: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `query(con, …)` gives, asked in a thread on a short read-only connection.

        Raises what `Warehouse.read` does, and what the query does.
        """
        if self._limiter is None:
            # A limiter belongs to the loop that it is made in.
            self._limiter = CapacityLimiter(_AT_ONCE)
        work = partial(self.read_now, query, *args, **kwargs)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    def read_now(self, query: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same as `read`, in this thread: for routes that run in one already."""
        with self._turns.reading(), warehouse(self.settings).read() as con:
            return query(con, *args, **kwargs)

    def asked(self, query: str, tables: Sequence[str], *, rows: int | None = None) -> Answer:
        """What the SQL box answers; see `Sandbox.ask`. Of a lake it is at most a minute old, and one question longer.

        Raises what `Sandbox.ask` does, and where the copy of a lake cannot be made what `copies.write` does.
        """
        if self._copy is not None:
            with self._copied.lock:
                if not self._copy.exists() or time.monotonic() - self._copied.at > _COPY_SECONDS:
                    done = copies.write(warehouse(self.settings), self._copy, unless=self._copied.fingerprint)
                    self._copied.fingerprint = done.fingerprint if done else self._copied.fingerprint
                    self._copied.at = time.monotonic()
        return self.sandbox.ask(query, tables, rows=rows)

    def write_now(self, change: Query[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `change(con, …)` gives, in this thread and one transaction."""
        with self._turns.writing(), warehouse(self.settings).write() as con:
            return change(con, *args, **kwargs)

    def link(self) -> None:
        """Make deals of what has changed, in this thread."""
        from dealwire import steps

        with self._turns.writing():
            steps.link(self.settings)


class _Copied:
    """The copy of a lake that questions are asked of: which, and when it was last seen to be up to date."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.fingerprint: str | None = None
        self.at = 0.0


class Turns:
    """Who may have the file open: readers together, but not without a pause, or the pipeline never got to write.

    DuckDB lets either readers or one writing process open a file. Readers that follow one another closely hold it for
    `busy` seconds at most; then nobody opens it for `rest` seconds.
    """

    def __init__(self, busy: float = _BUSY_MOST, rest: float = _REST) -> None:
        self._busy, self._rest = busy, rest
        self._changed = threading.Condition()
        self._readers, self._writing = 0, False
        self._since = 0.0
        self._left = 0.0

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read while the block runs."""
        with self._changed:
            while (wait := self._wait()) > 0:
                self._changed.wait(wait)
            now = time.monotonic()
            if not self._readers and now - self._left >= self._rest:
                self._since = now
            self._readers += 1
        try:
            yield
        finally:
            with self._changed:
                self._readers -= 1
                self._left = time.monotonic()
                self._changed.notify_all()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write while the block runs: this process cannot read meanwhile."""
        with self._changed:
            while self._writing:
                self._changed.wait(1)
            # New readers wait from now on.
            self._writing = True
            while self._readers:
                self._changed.wait(1)
        try:
            yield
        finally:
            with self._changed:
                self._writing = False
                self._changed.notify_all()

    def _wait(self) -> float:
        """Seconds until a reader should ask again; 0: it may read."""
        if self._writing:
            return 1.0
        now = time.monotonic()
        if now - self._since < self._busy:
            return 0.0
        if self._readers:
            return 1.0
        return max(0.0, self._left + self._rest - now)
