"""What was delivered, written down at once: a process that is killed before the warehouse knows tells nobody twice.

The warehouse may be held by another process for a while; a line in this small file beside it takes no waiting. The file
is also the lock that keeps two processes from telling the same.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from schemas.errors import NotifyBusy


class Journal:
    """The open file; made by `held`."""

    def __init__(self, file: int) -> None:
        self._file = file

    def delivered(self) -> dict[str, datetime]:
        """Ids of deliveries that were made since `clear`, and when."""
        size = os.fstat(self._file).st_size
        found = {}
        for line in os.pread(self._file, size, 0).decode("ascii", "replace").splitlines(keepends=True):
            name, _, at = line.rstrip("\n").partition(" ")
            # A machine that stops in the middle of a line leaves half of one.
            if line.endswith("\n") and at:
                found[name] = datetime.fromisoformat(at)
        return found

    def note(self, delivery_id: str, at: datetime) -> None:
        """Write down that a delivery was made."""
        os.write(self._file, f"{delivery_id} {at.isoformat()}\n".encode("ascii"))
        os.fdatasync(self._file)

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
