"""Opening the DuckDB file: short transactions, patient with other processes, migrated on the way."""

import os
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dealwire.warehouse import migrate
from schemas.errors import NotAWarehouse, WarehouseLocked, WarehouseMissing

OnWait = Callable[[str], None]
_HOLDER = re.compile(r"held in (.+?) \(PID (\d+)\)")


class Warehouse:
    """The database at `path`. Nothing is held open between calls; two processes take turns.

    `wait_seconds`: how long to wait for another process; `on_wait` is told once who holds the file.
    """

    def __init__(self, path: Path, *, wait_seconds: float = 30, on_wait: OnWait | None = None) -> None:
        self.path, self._wait_seconds, self._on_wait = Path(path), wait_seconds, on_wait

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection. Raises `WarehouseMissing`, `NotAWarehouse`, `WarehouseTooNew`, `WarehouseLocked`."""
        if not self.path.exists():
            raise WarehouseMissing(str(self.path))
        con = self._open(read_only=True)
        try:
            if migrate.outdated(con, self.path):
                con.close()
                with self.write():
                    """Opening for writing brings the tables and views up to date."""
                con = self._open(read_only=True)
            con.execute("SET TimeZone = 'UTC'")
            yield con
        finally:
            con.close()

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction: committed when the block ends, undone when it raises. Makes the file when it is missing."""
        if not self.path.parent.is_dir():
            raise NotAWarehouse(str(self.path), f"there is no folder {self.path.parent}")
        con = self._open(read_only=False)
        try:
            migrate.bring_up_to_date(con, self.path)
            con.execute("SET TimeZone = 'UTC'")
            con.begin()
            try:
                yield con
            except BaseException:
                con.rollback()
                raise
            con.commit()
        finally:
            con.close()

    def _open(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        started, pause, told = time.monotonic(), 0.02, False
        while True:
            try:
                return duckdb.connect(str(self.path), read_only=read_only)
            except duckdb.IOException as error:
                message = str(error)
                if "lock" not in message:
                    raise NotAWarehouse(str(self.path), _reason(message)) from error
                waited = time.monotonic() - started
                if waited >= self._wait_seconds:
                    raise WarehouseLocked(str(self.path), _holder(message), self._wait_seconds) from error
                if self._on_wait and not told and waited > 0.5:
                    self._on_wait(_holder(message))
                    told = True
            except duckdb.ConnectionException:
                # Another thread of this process has the file open in the other mode; it will be done soon.
                if time.monotonic() - started >= self._wait_seconds:
                    raise WarehouseLocked(str(self.path), f"this process ({os.getpid()})", self._wait_seconds) from None
            except duckdb.Error as error:
                raise NotAWarehouse(str(self.path), _reason(str(error))) from error
            # Jitter keeps processes that failed together from trying together again.
            time.sleep(min(pause, 1.0) * random.uniform(0.5, 1.0))
            pause *= 1.5


def _holder(message: str) -> str:
    found = _HOLDER.search(message)
    return f"process {found[2]} ({Path(found[1]).name})" if found else "another process"


def _reason(message: str) -> str:
    first = message.split("\n")[0]
    if "not a valid DuckDB database" in message or "Invalid" in message:
        return "it is not a DuckDB file"
    return first.split(": ", 1)[-1][:200]
