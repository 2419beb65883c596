"""500 feeds of 20 stories on loopback: CPU seconds and memory of a first round and of one in which nothing changed.

`python -m benchmarks.poll [FEEDS] [--peer PYTHON]`. CPU is that of this process and its parsers, from the call of
`steps.poll` to its return; memory the most that they held together. `--peer` names an interpreter that has the peer,
lemon24/reader: it reads the same site right after, in a process of its own, and the ratios are to that. Where neither
that interpreter nor this one has it, they are to figures of another machine, and so tell little.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.poll import site
from dealwire import steps
from dealwire.feeds.identity import feed_id
from dealwire.settings import Settings
from dealwire.warehouse import load
from schemas import Feed

ROUNDS = ("first", "unchanged")
# Feeds a CPU second of lemon24/reader 3.27, measured on another machine.
ELSEWHERE = {"first": 25.0, "unchanged": 430.0}
_PEER = Path(__file__).with_name("peer.py")


class Round(NamedTuple):
    """What one round took."""

    feeds: int
    new: int
    cpu: float
    seconds: float
    megabytes: float

    @property
    def speed(self) -> float:
        """Feeds a CPU second."""
        return self.feeds / self.cpu


def main() -> None:
    """Print one line a round, and one each for the peer."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.poll", description="CPU and memory of polling.")
    asked.add_argument("feeds", nargs="?", type=int, default=500)
    asked.add_argument("--peer", metavar="PYTHON", help="an interpreter that has the package reader (lemon24/reader)")
    given = asked.parse_args()
    peer = given.peer or (sys.executable if find_spec("reader") else None)
    with site.running(site.plain(20)) as (port,):
        urls = [f"http://127.0.0.1:{port}/feed/{number}" for number in range(given.feeds)]
        ours = dict(zip(ROUNDS, play(urls), strict=True))
        theirs = _peer(peer, urls) if peer else {}
    for name, one in ours.items():
        than = theirs.get(name, ELSEWHERE[name])
        print(
            f"{name:<10} {one.feeds} feeds, {one.new} new: {one.cpu:.2f} CPU s, {one.seconds:.2f} s, "
            f"{one.speed:.0f} feeds a CPU s ({one.speed / than:.1f} x the peer{'' if theirs else ' elsewhere'}), "
            f"{one.megabytes:.0f} MB"
        )
    if theirs:
        told = ", ".join(f"{name} {speed:.0f}" for name, speed in theirs.items())
        print(f"the peer, on this machine just now: {told} feeds a CPU s")
    else:
        told = ", ".join(f"{name} {speed:.0f}" for name, speed in ELSEWHERE.items())
        print(f"the peer was not measured here: {told} feeds a CPU s are another machine's; see --peer")


def play(urls: Sequence[str]) -> list[Round]:
    """A first round over these feeds, and one in which nothing has changed."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database=Path(folder) / "poll.duckdb", allow_private_hosts=("127.0.0.1",), fetch_per_host=8, fetch_at_once=8
        )
        feeds = [Feed(feed_id=feed_id(url), url=url, added_at=datetime.now(UTC)) for url in urls]
        with steps.warehouse(settings).write() as db:
            load.store_feeds(db, feeds)
        found = [_round(settings) for _ in ROUNDS]
    assert [one.new for one in found] == [len(urls) * 20, 0]
    return found


def _round(settings: Settings) -> Round:
    memory = _Memory()
    started, before = time.perf_counter(), _cpu()
    report = steps.poll(settings, everything=True)
    cpu, wall = _cpu() - before, time.perf_counter() - started
    assert not report.failed, report.errors[:3]
    return Round(report.feeds, report.new_articles, cpu, wall, memory.most())


def _peer(python: str, urls: Sequence[str]) -> dict[str, float]:
    """The peer's feeds a CPU second by round."""
    done = subprocess.run([python, str(_PEER)], input=json.dumps(urls), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{python} could not run the peer; it needs the package reader")
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _cpu() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in found)


class _Memory:
    """Samples the resident memory of this process and its parsers."""

    def __init__(self) -> None:
        self._most, self._stop = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def most(self) -> float:
        self._stop.set()
        self._thread.join()
        return self._most / 1e6

    def _watch(self) -> None:
        page = resource.getpagesize()
        children = Path(f"/proc/self/task/{os.getpid()}/children")
        while not self._stop.wait(0.2):
            total = 0
            tasks = [one / "children" for one in Path("/proc/self/task").iterdir()] if children.exists() else []
            pids = {os.getpid()}
            for one in tasks:
                try:
                    pids.update(int(pid) for pid in one.read_text().split())
                except OSError:
                    continue
            for pid in pids:
                try:
                    command = Path(f"/proc/{pid}/cmdline").read_bytes()
                    if pid == os.getpid() or b"parse_worker" in command:
                        total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page
                except (OSError, IndexError):
                    continue
            self._most = max(self._most, total)


if __name__ == "__main__":
    main()
