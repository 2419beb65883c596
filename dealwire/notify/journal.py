"""What was delivered, written down at once: a process that is killed before the warehouse knows tells nobody twice.

The warehouse may be held by another process for a while; a line in this small file beside it takes no waiting. The file
is also the lock that keeps two processes from telling the same. A line is a delivery's id, a time, and what is known:
`?` it is on its way, `+` it was taken, `-` it was not.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from schemas.errors import NotifyBusy


class Line(NamedTuple):
    """The last that is known of a delivery. `sure` is False if the process ended before the answer came."""

    at: datetime
    sure: bool


class Journal:
    """The open file; made by `held`."""

    def __init__(self, file: int) -> None:
        self._file = file

    def delivered(self) -> dict[str, Line]:
        """The deliveries that were made since `clear`, or were on their way at the end, by id."""
        found: dict[str, Line] = {}
        text = os.pread(self._file, os.fstat(self._file).st_size, 0).decode("ascii", "replace")
        for line in text.splitlines(keepends=True):
            parts = line.split()
            # A machine that stops in the middle of a line leaves half of one.
            if not line.endswith("\n") or len(parts) != 3:
                continue
            found.pop(parts[0], None)
            if parts[2] != "-":
                found[parts[0]] = Line(datetime.fromisoformat(parts[1]), parts[2] == "+")
        return found

    def on_its_way(self, delivery_id: str, at: datetime) -> None:
        """Write down that all of a delivery has left this process."""
        self._write(delivery_id, at, "?")

    def taken(self, delivery_id: str, at: datetime) -> None:
        """Write down that a delivery was taken."""
        self._write(delivery_id, at, "+")
        os.fdatasync(self._file)

    def refused(self, delivery_id: str, at: datetime) -> None:
        """Write down that it was not."""
        self._write(delivery_id, at, "-")

    def _write(self, delivery_id: str, at: datetime, what: str) -> None:
        os.write(self._file, f"{delivery_id} {at.isoformat()} {what}\n".encode("ascii"))

    def clear(self) -> None:
        """Forget all: the warehouse knows."""
        os.ftruncate(self._file, 0)


@contextmanager
def held(database: Path, *, wait_seconds: float) -> Iterator[Journal]:
    """The journal of a warehouse, which no other process has meanwhile. Raises `NotifyBusy` after a wait."""
    path = database.with_name(f".{database.name}.told")
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        end = time.monotonic() + wait_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise NotifyBusy(str(database)) from None
                time.sleep(0.05)
        try:
            yield Journal(file)
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
    finally:
        os.close(file)
