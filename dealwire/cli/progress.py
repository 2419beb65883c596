"""Progress while a command works: bars on a terminal, plain lines elsewhere, and never more than 4 s of silence."""

import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_LABELS = {
    "poll": "polling feeds",
    "read": "reading pages",
    "extract": "extracting",
    "link": "linking claims",
    "tell": "telling",
    "add": "looking for feeds",
    "backfill": "filling in",
    "reread": "reading again",
    "hubs": "looking for hubs",
    "subscribe": "asking hubs",
}
_QUIET_SECONDS = 4.0


class Reporter:
    """A context manager that can be called as `steps.Progress`; `say` prints a line beside the bars."""

    def __init__(self) -> None:
        self._bars: Bars | None = None
        self._tasks: dict[str, TaskID] = {}
        self._shown: dict[str, tuple[int, int]] = {}
        self._doing = "starting"
        self._spoke = time.monotonic()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._beat = threading.Thread(target=self._heartbeat, daemon=True)

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self._bars = Progress(
                TextColumn("{task.description:<16}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
            )
            self._bars.start()
        self._beat.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._beat.join()
        if self._bars:
            self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        label = _LABELS.get(stage, stage)
        with self._lock:
            self._doing = label
            if self._bars:
                if stage not in self._tasks:
                    self._tasks[stage] = self._bars.add_task(label, total=total or None)
                self._bars.update(
                    self._tasks[stage], completed=done, total=max(total, done) if total or not done else None
                )
                return
            before = self._shown.get(stage)
            finished = total > 0 and done >= total
            if before is None or (finished and before != (done, total)) or time.monotonic() - self._spoke > 2:
                self._shown[stage] = (done, total)
                self._line(f"{label:<16} {done}/{total}" if total or not done else f"{label:<16} {done}")

    def say(self, text: str) -> None:
        """Print a line and remember it as what is being done."""
        with self._lock:
            self._doing = text.rstrip(" .…")
            if self._bars:
                self._bars.console.print(text, highlight=False, markup=False)
            else:
                self._line(text)

    def _line(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
        self._spoke = time.monotonic()

    def _heartbeat(self) -> None:
        started = time.monotonic()
        while not self._stop.wait(0.5):
            with self._lock:
                if not self._bars and time.monotonic() - self._spoke > _QUIET_SECONDS:
                    self._line(f"  … {self._doing} ({time.monotonic() - started:.0f} s so far)")
