"""The peer, lemon24/reader, over the same feeds; run by `benchmarks.poll` with an interpreter that has it.

A program of its own that needs nothing of dealwire: reads a JSON list of addresses from standard input and writes the
feeds a CPU second of a first and of an unchanged round.
"""

import json
import resource
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any


def main() -> None:
    """Two rounds, with two workers."""
    urls = json.load(sys.stdin)
    speeds = {}
    with tempfile.TemporaryDirectory() as folder:
        peer = import_module("reader").make_reader(str(Path(folder) / "peer.sqlite"))
        for url in urls:
            peer.add_feed(url)
        for name in ("first", "unchanged"):
            speeds[name] = len(urls) / _round(peer)
    json.dump(speeds, sys.stdout)


def _round(peer: Any) -> float:
    before = _cpu()
    for one in peer.update_feeds_iter(workers=2, scheduled=False):
        if isinstance(one.value, Exception):
            raise one.value
    return _cpu() - before


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
