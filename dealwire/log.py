"""Log lines of `dealwire up` and its parts: one line an event, for people to read or as JSON for machines.

Parts write JSON on their standard output; `up` shows it in the form that was asked for. What a library prints there is
shown as it is.
"""

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

Level = Literal["info", "warning", "error"]
Record = dict[str, Any]
"""`time`, `level`, `part`, `event`, `message`, and facts by name."""
Write = Callable[[str], None]


class Log:
    """Writes records of one part; safe for several threads."""

    def __init__(self, part: str, write: Callable[[Record], None]) -> None:
        self._part, self._write = part, write

    def __call__(self, event: str, message: str, *, level: Level = "info", **facts: Any) -> None:
        """Write that something has happened; the facts are named values that a machine can read."""
        self._write({"time": _now(), "level": level, "part": self._part, "event": event, "message": message, **facts})

    def error(self, event: str, message: str, **facts: Any) -> None:
        """Write that something has failed."""
        self(event, message, level="error", **facts)


def to_parent(record: Record) -> None:
    """How a part writes: a line of JSON that its parent reads."""
    with _turn:
        sys.stdout.write(as_json(record) + "\n")
        sys.stdout.flush()


def from_part(part: str, line: str) -> Record:
    """The record that a part wrote; a line that is none becomes the message of one."""
    try:
        found = json.loads(line) if line.startswith("{") else None
    except ValueError:
        found = None
    if isinstance(found, dict) and isinstance(found.get("message"), str) and "event" in found:
        return {**found, "part": part}
    return {"time": _now(), "level": "info", "part": part, "event": "output", "message": line}


def as_json(record: Record) -> str:
    """One line of JSON."""
    return json.dumps(record, ensure_ascii=False, default=str)


def as_text(record: Record) -> str:
    """One line for people: the time of day in UTC, the part, and what it says."""
    mark = {"warning": "warning: ", "error": "error: "}.get(str(record.get("level")), "")
    message = "".join(c if c.isprintable() else " " for c in str(record["message"]))
    return f"{str(record.get('time', ''))[11:19]} {record['part']:<8} {mark}{message}"


_turn = threading.Lock()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
