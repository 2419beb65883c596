"""Opening the DuckDB file: short transactions, patient with other processes, migrated on the way."""

import glob
import os
import random
import re
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import duckdb

from dealwire.warehouse import migrate
from dealwire.warehouse.turns import Turns
from schemas.errors import InvalidInput, NotAWarehouse, WarehouseLocked, WarehouseMissing, WarehouseUnwritable

OnWait = Callable[[str], None]
_HOLDER = re.compile(r"held(?: in (?P<program>.+?))? \(PID (?P<pid>\d+)\)")
# DuckDB keeps other processes out; threads of this one take turns here, file by file.
_turns: defaultdict[str, Turns] = defaultdict(Turns)


class Warehouse:
    """The database at `path`. Nothing is held open between calls; processes and threads take turns.

    `wait_seconds`: how long to wait for another holder; `on_wait` is told once a wait who that is. `lake.Lake` is
    another one, with the same methods.
    """

    def __init__(self, path: Path, *, wait_seconds: float = 30, on_wait: OnWait | None = None) -> None:
        self.path, self._wait_seconds, self._on_wait = Path(path), wait_seconds, on_wait

    @property
    def place(self) -> str:
        """What to call it to a user."""
        return str(self.path)

    def exists(self) -> bool:
        """Whether it was made yet. Raises `WarehouseUnreachable` where that cannot be told."""
        return self.path.exists()

    def is_at(self, place: Path) -> bool:
        """Whether it lies in this file."""
        return place.exists() and self.path.exists() and place.samefile(self.path)

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-only connection; a file with an older schema is brought up to date first.

        Raises `WarehouseMissing`, `NotAWarehouse`, `WarehouseTooNew`, `WarehouseLocked`.
        """
        if not self.path.exists():
            raise WarehouseMissing(str(self.path))
        with self._in_turn(read_only=True) as con:
            if not migrate.outdated(con, self.path):
                con.execute("SET TimeZone = 'UTC'")
                yield con
                return
        self._bring_up_to_date()
        with self.read() as con:
            yield con

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction: committed when the block ends, undone when it raises. Makes the file when it is missing.

        Not to be nested: the inner one waits for the outer. Raises `NotAWarehouse`, `WarehouseTooNew`,
        `WarehouseLocked`, `WarehouseUnwritable` (disk full); then nothing was changed.
        """
        with self._in_turn(read_only=False) as con:
            migrate.bring_up_to_date(con, self.path)
            con.execute("SET TimeZone = 'UTC'")
            con.begin()
            with self._ending(con):
                yield con

    def compact(self) -> tuple[int, int]:
        """Write the log into the file and give free space back where it can be; bytes before and after."""
        with self.write():
            """What it raises holds here, too; and the file is there and up to date."""
        before = self.path.stat().st_size
        with self._in_turn(read_only=False) as con:
            con.execute("FORCE CHECKPOINT")
        return before, self.path.stat().st_size

    @contextmanager
    def read_confined(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """As `read`, for the query of a user: it reaches nothing but the warehouse, and cannot change that it does."""
        with self.read() as con:
            con.execute("SET enable_external_access = false")
            con.execute("SET lock_configuration = true")
            yield con

    def duplicate(self, con: duckdb.DuckDBPyConnection, to: Path) -> None:
        """Make a DuckDB file with all that is in it, as a reader with the connection `con` sees it."""
        shutil.copyfile(self.path, to)
        # What a killed writer had committed may be in the log alone.
        log = self.path.with_name(f"{self.path.name}.wal")
        if log.exists():
            shutil.copyfile(log, to.with_name(f"{to.name}.wal"))

    def mark(self) -> object:
        """Something that is equal as long as nothing is written."""
        found: list[tuple[int, int] | None] = []
        for path in (self.path, self.path.with_name(f"{self.path.name}.wal")):
            try:
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size))
            except OSError:
                found.append(None)
        return found

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Do something that only one process at a time may do, on whatever machine. Raises `WarehouseLocked`.

        A file is used on one machine alone, where locks beside it are enough.
        """
        yield

    @contextmanager
    def _in_turn(self, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        """The file, in a turn among the threads of this process; made if it is missing and to be written.

        While another program has the file, the turn is for others, who may want to say so.
        """
        patience = self._patience()
        while True:
            with self._turn(alone=not read_only):
                if not read_only and not self.path.exists():
                    self._make()
                found = self._connect(self.path, read_only=read_only)
                if not callable(found):
                    with closing(found):
                        yield found
                    return
            patience.wait(found)

    @contextmanager
    def _turn(self, *, alone: bool) -> Iterator[None]:
        """Wait until the threads of this process leave the file to this one. Raises `WarehouseLocked`."""
        turns = _turns[str(self.path.absolute())]
        with ExitStack() as stack:
            try:
                stack.enter_context((turns.alone if alone else turns.shared)(self._wait_seconds))
            except TimeoutError:
                raise WarehouseLocked(str(self.path), _this_process(), self._wait_seconds) from None
            yield

    @contextmanager
    def _ending(self, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Commit the transaction when the block ends, undo it when it raises. Raises `WarehouseUnwritable`."""
        try:
            yield
            con.commit()
        except BaseException as error:
            # The block may have ended the transaction by itself, or an interrupt may have.
            with suppress(duckdb.Error):
                con.rollback()
            if isinstance(error, duckdb.IOException | duckdb.TransactionException):
                raise WarehouseUnwritable(self.place, self._reason(error)) from error
            raise

    def _reason(self, error: Exception) -> str:
        """What DuckDB says, fit to be told to a user."""
        return _reason(self.path, str(error))

    def _patience(self) -> "_Patience":
        """For one wait for another holder."""
        return _Patience(self.place, self._wait_seconds, self._on_wait)

    def _bring_up_to_date(self) -> None:
        try:
            with self.write():
                """Opening for writing is enough."""
        except NotAWarehouse as error:
            # It was readable a moment ago, so what is missing is the right to write.
            raise InvalidInput(
                f"{self.place} was made by another version of dealwire and has to be brought up to date once, but it "
                f"cannot be written ({error.reason}); run dealwire as its owner, or on a copy"
            ) from error

    def _make(self) -> None:
        """Make the file aside and put it in place whole: a process killed meanwhile leaves no half-made database."""
        if not self.path.parent.is_dir():
            raise NotAWarehouse(str(self.path), f"there is no folder {self.path.parent}")
        for left in self.path.parent.glob(f".{glob.escape(self.path.name)}.*.new*"):
            # What a killed process left; a living one is done in a second.
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > 3600:
                    left.unlink()
        aside = self.path.with_name(f".{self.path.name}.{os.getpid()}.new")
        aside.unlink(missing_ok=True)
        try:
            patience = self._patience()
            while callable(con := self._connect(aside, read_only=False)):
                patience.wait(con)
            with closing(con):
                migrate.bring_up_to_date(con, self.path)
            try:
                os.link(aside, self.path)
            except FileExistsError:
                """Another process was faster; its file is as good."""
            except OSError:
                # No hard links on this file system.
                if not self.path.exists():
                    aside.replace(self.path)
        finally:
            aside.unlink(missing_ok=True)

    def _connect(self, path: Path, *, read_only: bool) -> "duckdb.DuckDBPyConnection | Callable[[], str]":
        """A connection, or what tells who has the file. Raises `NotAWarehouse`."""
        try:
            return duckdb.connect(str(path), read_only=read_only)
        except duckdb.IOException as error:
            if "Could not set lock on file" not in str(error):
                raise NotAWarehouse(str(self.path), _reason(path, str(error))) from error
            return partial(_holder, str(error))
        except duckdb.ConnectionException:
            # Somebody in this process has the file open in the other mode, by another name for it.
            return _this_process
        except duckdb.Error as error:
            # The same while another thread of this process is just letting go of the file.
            if "file handle conflict" not in str(error):
                raise NotAWarehouse(str(self.path), _reason(path, str(error))) from error
            return _this_process


class _Patience:
    """One wait for another holder of a warehouse: so long in all, with growing pauses, and told of once."""

    def __init__(self, place: str, seconds: float, on_wait: OnWait | None) -> None:
        self._place, self._seconds, self._on_wait = place, seconds, on_wait
        self._started, self._pause, self._told = time.monotonic(), 0.01, False

    def wait(self, holder: Callable[[], str]) -> None:
        """A pause before the next try. `holder` is asked who it is only if that is told. Raises `WarehouseLocked`."""
        waited = time.monotonic() - self._started
        if waited >= self._seconds:
            raise WarehouseLocked(self._place, holder(), self._seconds)
        # A usual writer is done in a fifth of a second; that is not worth a line.
        if self._on_wait and not self._told and waited > min(0.5, self._seconds / 2):
            self._on_wait(holder())
            self._told = True
        # Jitter keeps processes that failed together from trying together again.
        time.sleep(min(self._pause, 0.5, self._seconds - waited) * random.uniform(0.5, 1.0))
        self._pause *= 1.5


def _holder(message: str) -> str:
    found = _HOLDER.search(message)
    if not found:
        return "another process"
    return f"process {found['pid']} ({Path(found['program']).name})" if found["program"] else f"process {found['pid']}"


def _this_process() -> str:
    return f"this process ({os.getpid()})"


def _reason(path: Path, message: str) -> str:
    if path.is_file() and path.stat().st_size == 0:
        return "the file is empty"
    if "not a valid DuckDB database" in message:
        return "it is not a DuckDB file"
    first = message.split("\n")[0].split(": ", 1)[-1].replace(f' "{path}"', "")
    return (first[:1].lower() + first[1:])[:200]
