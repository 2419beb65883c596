"""500 feeds of 20 stories on loopback: CPU seconds and memory of a first round and of one in which nothing changed.

`python -m benchmarks.poll [FEEDS]`. CPU is that of this process and its parsers, from the call of `steps.poll` to its
return; memory the most that they held together. The peer (lemon24/reader 3.27) does 25 and 430 feeds a CPU second.
"""

import os
import resource
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.poll import site
from dealwire import steps
from dealwire.feeds.identity import feed_id
from dealwire.settings import Settings
from dealwire.warehouse import load
from schemas import Feed

PEER = {"first": 25.0, "unchanged": 430.0}


def main() -> None:
    """Print one line a round."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with site.running(site.plain(20)) as (port,), tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database=Path(folder) / "poll.duckdb", allow_private_hosts=("127.0.0.1",), fetch_per_host=8, fetch_at_once=8
        )
        urls = [f"http://127.0.0.1:{port}/feed/{number}" for number in range(count)]
        feeds = [Feed(feed_id=feed_id(url), url=url, added_at=datetime.now(UTC)) for url in urls]
        with steps.warehouse(settings).write() as db:
            load.store_feeds(db, feeds)
        for name in ("first", "unchanged"):
            _round(name, count, settings)


def _round(name: str, count: int, settings: Settings) -> None:
    memory = _Memory()
    started, before = time.perf_counter(), _cpu()
    report = steps.poll(settings, everything=True)
    cpu, wall = _cpu() - before, time.perf_counter() - started
    assert not report.failed, report.errors[:3]
    assert report.new_articles == (count * 20 if name == "first" else 0)
    print(
        f"{name:<10} {count} feeds, {report.new_articles} new: {cpu:.2f} CPU s, {wall:.2f} s, "
        f"{count / cpu:.0f} feeds a CPU s ({count / cpu / PEER[name]:.1f} x the peer), {memory.most():.0f} MB"
    )


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
