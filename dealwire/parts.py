"""Parts: the processes that `dealwire up` starts, watches, starts again and stops."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal

from dealwire.log import Log, Record, from_part

PartState = Literal["starting", "running", "waiting", "stopped"]
_LONGEST_PAUSE = 60.0
_STEADY = 60.0
"""Seconds after which a part that ran is thought to be well: its next end is the first one again."""
_STOP_SECONDS = 15.0


@dataclass
class Part:
    """One process: what it is called, how it is started, and how one knows that it is ready."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    where: str
    """What it is and where it is found, for people."""
    ready: Callable[[], bool] | None = None
    """Asked while it starts; None: it writes a record of the event `ready`."""
    log: Path | None = None
    """Where its output goes; None: it is shown."""
    process: "subprocess.Popen[bytes] | None" = None
    state: PartState = "waiting"
    since: float = field(default_factory=time.monotonic)
    next_start: float = 0.0
    restarts: int = 0
    ends: int = 0
    """Ends in a row."""
    last_end: str | None = None
    told_ready: threading.Event = field(default_factory=threading.Event)

    def as_state(self) -> dict[str, Any]:
        """What the state file tells of it."""
        ago = datetime.now(UTC).timestamp() - (time.monotonic() - self.since)
        return {
            "state": self.state,
            "pid": self.process.pid if self.process and self.state in ("starting", "running") else None,
            "since": datetime.fromtimestamp(ago, UTC).isoformat(timespec="seconds"),
            "restarts": self.restarts,
            "last_end": self.last_end,
            "where": self.where,
        }


class Parts:
    """All parts together. `show` is given what they write, `changed` is called when the state of one has changed."""

    def __init__(
        self, parts: Sequence[Part], *, show: Callable[[Record], None], changed: Callable[[], None], log: Log
    ) -> None:
        self.parts, self._show, self._changed, self._log = list(parts), show, changed, log

    def tend(self) -> None:
        """Start what is to be started, notice what is ready and what has ended. Call it several times a second."""
        now = time.monotonic()
        for part in self.parts:
            if part.process is None:
                if part.state == "waiting" and now >= part.next_start:
                    self._start(part)
            elif (code := part.process.poll()) is not None:
                self._ended(part, code)
            elif part.state == "starting" and (part.ready() if part.ready else part.told_ready.is_set()):
                self._set(part, "running")
                self._log("ready", f"{part.name} is ready after {now - part.since:.0f} s: {part.where}", name=part.name)
                part.since = now

    def stop(self, *, at_once: Callable[[], bool] = lambda: False) -> None:
        """Stop all, the last one first: SIGTERM, and SIGKILL to what is left of its group later, or `at_once`."""
        for part in reversed(self.parts):
            if part.process is not None:
                with suppress(ProcessLookupError):
                    part.process.terminate()
                self._wait(part, at_once)
            self._set(part, "stopped")

    def _start(self, part: Part) -> None:
        part.told_ready.clear()
        output: Any = subprocess.PIPE if part.log is None else part.log.open("ab")
        part.process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            list(part.command),
            stdin=subprocess.PIPE,
            stdout=output,
            # Records and what libraries say come apart, so that neither breaks the other's lines.
            stderr=subprocess.PIPE if part.log is None else subprocess.STDOUT,
            env=dict(part.environment),
            # Ctrl-C on the terminal goes to us alone; we stop the parts.
            start_new_session=True,
        )
        if part.log is not None:
            output.close()
        else:
            for stream in (part.process.stdout, part.process.stderr):
                assert stream is not None
                threading.Thread(target=self._follow, args=[part, stream], daemon=True).start()
        part.since = time.monotonic()
        self._set(part, "starting")

    def _follow(self, part: Part, stream: IO[bytes]) -> None:
        for line in stream:
            record = from_part(part.name, line.decode("utf-8", "replace").rstrip())
            if record["event"] == "ready":
                part.told_ready.set()
            elif record["message"]:
                self._show(record)

    def _ended(self, part: Part, code: int) -> None:
        assert part.process is not None
        lived = time.monotonic() - part.since
        with suppress(ProcessLookupError, PermissionError):
            # What it started itself must not live on beside the next one.
            os.killpg(part.process.pid, signal.SIGKILL)
        if part.process.stdin:
            part.process.stdin.close()
        part.ends = 1 if part.state == "running" and lived > _STEADY else part.ends + 1
        pause = min(_LONGEST_PAUSE, 0.5 * 2 ** (part.ends - 1))
        part.process, part.next_start = None, time.monotonic() + pause
        part.restarts += 1
        part.last_end = _how(code)
        part.since = time.monotonic()
        hint = f"; its last words are in {part.log}" if part.log else ""
        self._log.error(
            "ended", f"{part.name} {part.last_end}; it is started again in {pause:g} s{hint}", name=part.name, code=code
        )
        self._set(part, "waiting")

    def _wait(self, part: Part, at_once: Callable[[], bool]) -> None:
        assert part.process is not None
        end = time.monotonic() + _STOP_SECONDS
        while part.process.poll() is None and time.monotonic() < end and not at_once():
            time.sleep(0.05)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(part.process.pid, signal.SIGKILL)
        part.process.wait()
        if part.process.stdin:
            part.process.stdin.close()
        part.process = None

    def _set(self, part: Part, state: PartState) -> None:
        part.state = state
        self._changed()


def end_with_parent() -> None:
    """Let this process end when its standard input does: when the one that started it is gone, however that ended."""

    def watch() -> None:
        with suppress(OSError, ValueError):
            while sys.stdin.buffer.read(1):
                """Nothing is said there; only its end counts."""
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _how(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
