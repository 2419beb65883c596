"""The file beside the warehouse that keeps answers, and counts what was used on which day.

It is an SQLite file, because several processes that extract write it at the same time. The key is never in it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from schemas.errors import AnswersUnusable

_TABLES = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY, model TEXT NOT NULL, prompt TEXT NOT NULL, text_hash TEXT NOT NULL, day TEXT NOT NULL,
    answer TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS used (day TEXT PRIMARY KEY, requests INTEGER NOT NULL, tokens INTEGER NOT NULL);
"""


class Used(NamedTuple):
    """What a day has cost so far."""

    requests: int = 0
    tokens: int = 0


class Store:
    """Answers and use. Each call opens the file and closes it again; raises `AnswersUnusable` if that fails.

    The file is made when something is first written.
    """

    def __init__(self, path: str, *, wait_seconds: float = 30) -> None:
        self._path, self._wait_seconds = path, wait_seconds

    def answer(self, key: str) -> str | None:
        """The answer that is kept under the key."""
        if not Path(self._path).exists():
            return None
        with self._open() as db:
            row = db.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def keep(self, key: str, answer: str, *, model: str, prompt: str, text_hash: str, day: str) -> None:
        """Keep an answer, in place of one that was kept under the key before."""
        with self._open() as db:
            db.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", (key, model, prompt, text_hash, day, answer)
            )

    def used(self, day: str) -> Used:
        """What the day has cost so far."""
        if not Path(self._path).exists():
            return Used()
        with self._open() as db:
            row = db.execute("SELECT requests, tokens FROM used WHERE day = ?", (day,)).fetchone()
        return Used(*row) if row else Used()

    def reserve(self, day: str, tokens: int, most: Used) -> bool:
        """Count a request of about so many tokens before it is made; False, and nothing counted, if it is too much."""
        with self._open() as db:
            # One process at a time, or two of them would both take the last request.
            db.execute("BEGIN IMMEDIATE")
            row = db.execute("SELECT requests, tokens FROM used WHERE day = ?", (day,)).fetchone()
            before = Used(*row) if row else Used()
            if before.requests >= most.requests or before.tokens + tokens > most.tokens:
                return False
            self._add(db, day, 1, tokens)
        return True

    def settle(self, day: str, *, requests: int = 0, tokens: int = 0) -> None:
        """Add to what was reserved, or take from it, once it is known what it came to."""
        with self._open() as db:
            self._add(db, day, requests, tokens)

    @staticmethod
    def _add(db: sqlite3.Connection, day: str, requests: int, tokens: int) -> None:
        db.execute(
            "INSERT INTO used VALUES (?, max(?, 0), max(?, 0)) ON CONFLICT (day) DO UPDATE SET "
            "requests = max(requests + ?, 0), tokens = max(tokens + ?, 0)",
            (day, requests, tokens, requests, tokens),
        )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=self._wait_seconds)) as db:
                if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'used'").fetchone():
                    db.executescript(_TABLES)
                with db:
                    yield db
        except sqlite3.Error as error:
            what = "there is no such folder" if not Path(self._path).parent.is_dir() else str(error)
            raise AnswersUnusable(self._path, what) from error
