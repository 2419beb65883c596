"""The folder of `dealwire up`, beside the database: its lock, its state, the Prefect server's data, and logs.

Nothing in it is needed to read the warehouse; it may be deleted while `up` does not run.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dealwire import drafts
from schemas.errors import InvalidInput

State = dict[str, Any]


class Home:
    """The folder that belongs to a database file."""

    def __init__(self, database: Path) -> None:
        path = database.resolve()
        self.folder = path.with_name(path.name + ".up")
        self.lock = self.folder / "lock"
        self.state, self.worker = self.folder / "state.json", self.folder / "worker.json"
        self.server = self.folder / "prefect"
        self.server_log = self.folder / "prefect.log"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Be the only `up` of this database for the length of the block. Raises `InvalidInput` if there is another."""
        try:
            self.folder.mkdir(exist_ok=True, mode=0o700)
            lock = self.lock.open("a")
        except OSError as error:
            raise InvalidInput(f"{self.folder} cannot be written: {error.strerror}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                pid = read(self.state).get("pid", "unknown")
                raise InvalidInput(
                    f"dealwire up runs already for this database, as process {pid}; `dealwire status` shows it"
                ) from error
            yield

    def running(self) -> bool:
        """Whether an `up` of this database runs."""
        try:
            with self.lock.open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return False


def write(path: Path, state: State) -> None:
    """Put a state file in place whole. One that cannot be written is out of date, and nothing else."""
    with suppress(InvalidInput), drafts.whole(path) as draft:
        draft.write_text(json.dumps(state, ensure_ascii=False, default=str), encoding="utf-8")


def read(path: Path) -> State:
    """What a state file holds; empty if there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
