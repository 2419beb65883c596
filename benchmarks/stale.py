"""A new regex extractor over 10,000 stored articles: `dealwire extract --stale` against loops that do nothing else.

`python -m benchmarks.stale [ARTICLES]`. Wanted: at most 1.3 times a bare loop over stored Docs or texts. The whole of
`--stale` counts: opening the warehouse, reading the articles, the extractor within its limits, records and ledger
stored. Beside it: the loop that makes a Doc of each text, the one that makes none and throws away what it finds, and
one that keeps it, as a script of one's own would do. And what storing takes alone: the same records and ledger rows in
one transaction.
"""

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import duckdb

from benchmarks.stored import store
from dealwire import steps
from dealwire.settings import Extractors, Settings
from dealwire.warehouse import load
from extractors import registry, run

ROUNDS = 3
SOURCE = '''
import re
from collections.abc import Iterator
from spacy.tokens import Doc
from dealwire import Record, extractor

_SHARE = re.compile(r"(?P<share>\\\\d+(?:\\\\.\\\\d+)?) ?(?:%|percent|per cent)|(?P<times>\\\\d+) times")

class Share(Record):
    """One share that is named."""
    percent: float

@extractor("shares", version="{version}", record=Share)
def shares(doc: Doc) -> Iterator[Share]:
    for found in _SHARE.finditer(doc.text):
        yield Share(start=found.start(), end=found.end(), percent=float(found["share"] or found["times"]))
'''.replace("\\\\", "\\")


class Took(NamedTuple):
    """Seconds by the clock, and of the processor."""

    wall: float
    cpu: float


def main() -> None:
    """Print the ratios of one run."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        settings = Settings(
            database=Path("stale.duckdb"), processes=1, extractors=Extractors(paths=(Path("shares.py"),))
        )
        store(settings, count, lambda number: f"It was told {number} times, by {number % 100} percent of all.")
        versions = iter(range(1, 100))
        stale = _best(lambda: _stale(settings, next(versions)))
        docs, texts = _best(lambda: _loop_over_docs(settings)), _best(lambda: _loop_over_texts(settings))
        keeps = _best(lambda: _loop_that_keeps(settings))
        outcomes = _outcomes(settings)
        storing = _best(lambda: _store_outcomes(settings, outcomes))
        with steps.warehouse(settings).read() as db:
            found = db.execute("SELECT count(*) FROM shares").fetchone()
    print(f"{count:,} articles, {found[0] if found else 0:,} records, {os.cpu_count()} cores")
    print(f"  --stale {stale.wall:.2f} s, {stale.cpu:.2f} CPU s")
    print(f"    of which storing takes alone {storing.wall:.2f} s, {storing.cpu:.2f} CPU s")
    for name, took in (
        ("a Doc of each stored text", docs),
        ("the stored texts alone, nothing kept", texts),
        ("the stored texts, records kept in a table", keeps),
    ):
        print(
            f"  loop over {name}: {took.wall:.2f} s, {took.cpu:.2f} CPU s; --stale takes {stale.wall / took.wall:.2f} "
            f"times as long, {stale.cpu / took.cpu:.2f} times the processor"
        )


def _stale(settings: Settings, version: int) -> None:
    Path("shares.py").write_text(SOURCE.format(version=version), encoding="utf-8")
    report = steps.extract(settings, names=["shares"])
    assert not report.failed, report.errors[:1]


def _loop_over_docs(settings: Settings) -> list[Any]:
    import spacy

    nlp, function = spacy.blank("en"), registry.get("shares").function
    return [record for text in _texts(settings) for record in function(nlp(text))]


def _loop_over_texts(settings: Settings) -> list[Any]:
    function: Any = registry.get("shares").function
    return [record for text in _texts(settings) for record in function(SimpleNamespace(text=text))]


def _loop_that_keeps(settings: Settings) -> None:
    """As a script of one's own would do it, without ids, versions, ledger, limits, or anything to go on from."""
    import pyarrow as pa

    function: Any = registry.get("shares").function
    with steps.warehouse(settings).read() as db:
        rows = db.execute("SELECT article_id, text FROM articles").fetchall()
    found = [(key, one) for key, text in rows for one in function(SimpleNamespace(text=text))]
    columns = {
        "article_id": [key for key, _ in found],
        "start": [one.start for _, one in found],
        "end": [one.end for _, one in found],
        "percent": [one.percent for _, one in found],
    }
    with duckdb.connect("kept.duckdb") as db:
        db.register("found", pa.table(columns))
        db.execute("CREATE OR REPLACE TABLE kept AS SELECT * FROM found")


def _outcomes(settings: Settings) -> list[tuple[str, tuple[run.Outcome, ...]]]:
    with steps.warehouse(settings).read() as db:
        rows = db.execute("SELECT article_id, text FROM articles").fetchall()
    found = run.extract((text for _, text in rows), using=[registry.get("shares")])
    return [(key, outcomes) for (key, _), outcomes in zip(rows, found, strict=True)]


def _store_outcomes(settings: Settings, outcomes: list[tuple[str, tuple[run.Outcome, ...]]]) -> None:
    with steps.warehouse(settings).write() as db:
        load.store_outcomes(db, outcomes)


def _texts(settings: Settings) -> Iterator[str]:
    with steps.warehouse(settings).read() as db:
        rows = db.execute("SELECT text FROM articles").fetchall()
    return (text for (text,) in rows)


def _best(work: Callable[[], Any]) -> Took:
    took = []
    for _ in range(ROUNDS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        took.append(Took(time.perf_counter() - wall, time.process_time() - cpu))
    return Took(min(one.wall for one in took), min(one.cpu for one in took))


if __name__ == "__main__":
    main()
