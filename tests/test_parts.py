"""Parts: processes that are started, started again when they end, and stopped; with small programs in their place."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dealwire.home import Home, read, write
from dealwire.log import Log, Record, as_json, as_text, from_part
from dealwire.parts import Part, Parts

READY = 'import sys, time; print(\'{"event": "ready", "message": ""}\', flush=True); '


@contextmanager
def tended(*programs: str) -> Iterator[tuple[Parts, list[Record]]]:
    shown: list[Record] = []
    own = [Part(f"p{n}", [sys.executable, "-c", text], os.environ, "here") for n, text in enumerate(programs)]
    parts = Parts(own, show=shown.append, changed=lambda: None, log=Log("up", shown.append))
    try:
        yield parts, shown
    finally:
        parts.stop(at_once=lambda: True)


def until(parts: Parts, found: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while not (result := found()) and time.monotonic() < end:
        parts.tend()
        time.sleep(0.02)
    return result


def test_a_part_is_ready_when_it_says_so_and_what_it_prints_is_shown() -> None:
    program = READY + "print('some library says this', flush=True); time.sleep(60)"
    with tended(program) as (parts, shown):
        assert until(parts, lambda: parts.parts[0].state == "running")
        assert until(parts, lambda: [one for one in shown if one["message"] == "some library says this"])
        assert parts.parts[0].as_state()["pid"]


def test_a_part_that_is_killed_is_started_again_after_a_pause(tmp_path: Path) -> None:
    with tended(READY + "time.sleep(60)") as (parts, shown):
        part = parts.parts[0]
        assert until(parts, lambda: part.state == "running")
        assert part.process is not None
        first = part.process.pid
        os.kill(first, signal.SIGKILL)
        assert until(parts, lambda: part.state == "running" and part.process and part.process.pid != first)
        assert (part.restarts, part.last_end) == (1, "was killed by SIGKILL")
        assert any("was killed by SIGKILL; it is started again in 0.5 s" in one["message"] for one in shown)


def test_a_part_that_ends_at_once_is_started_less_and_less_often() -> None:
    with tended("raise SystemExit(3)") as (parts, shown):
        part = parts.parts[0]
        assert until(parts, lambda: part.restarts == 3)
        pauses = [one["message"].rsplit(" in ", 1)[1] for one in shown if one["event"] == "ended"]
        assert pauses == ["0.5 s", "1 s", "2 s"]


def test_what_a_part_has_started_ends_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    program = (
        f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(mark)!r}, 'w').write(str(p.pid))\n" + READY + "time.sleep(60)"
    )
    with tended(program) as (parts, _):
        assert until(parts, lambda: parts.parts[0].state == "running")
        child = int(mark.read_text())
    end = time.monotonic() + 10
    while _lives(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _lives(child)


def test_state_files_are_whole_or_nothing_and_the_lock_tells_who_runs(tmp_path: Path) -> None:
    own = Home(tmp_path / "x.duckdb")
    assert not own.running()
    with own.held():
        assert own.running()
        write(own.state, {"pid": 7})
        assert read(own.state) == {"pid": 7}
    assert not own.running()
    own.state.write_text("{ half", encoding="utf-8")
    assert read(own.state) == {}


def test_log_lines_are_for_people_or_for_machines() -> None:
    written: list[Record] = []
    Log("worker", written.append)("extract", "3 articles\x1b[2J", seconds=1.5)
    (record,) = written
    assert as_text(record).endswith(" worker   3 articles [2J")
    assert from_part("worker", as_json(record)) == record
    assert from_part("prefect", "{not json")["message"] == "{not json"


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return False
