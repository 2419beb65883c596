"""Four workers on a DuckLake with a PostgreSQL catalogue, one of them killed in the middle, against one alone.

`python -m benchmarks.machines [ARTICLES [WORKERS]]`. The articles are cut into shares by the flow `share` and taken
from a Prefect server on PostgreSQL by processes that stay warm; wanted: none lost, none twice. A process here stands
for a machine; more of them than cores make nothing faster.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.live import on_postgres
from benchmarks.stored import store
from dealwire import extraction
from dealwire.opening import warehouse
from dealwire.settings import Settings, load
from dealwire.warehouse import ledger, transfer
from tests.postgres import Postgres, running

BATCH = 25
LONGEST_MINUTES = 1.0
"""After so long a share whose worker was killed is submitted again."""


def main() -> None:
    """Print what became of the articles, and the speeds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with running() as postgres, tempfile.TemporaryDirectory() as folder, on_postgres(postgres, Path(folder)) as api_url:
        os.environ |= {"PREFECT_API_URL": api_url, "PREFECT_LOGGING_LEVEL": "ERROR"}
        alone = _round(postgres, Path(folder) / "one", count, 1, kill=False)
        print(f"  1 worker: {alone:.1f} s", flush=True)
        together = _round(postgres, Path(folder) / "many", count, workers, kill=True)
    print(f"{count:,} articles, {os.cpu_count()} cores, shares of {BATCH}")
    print(f"  1 worker: {alone:.1f} s, {count / alone:.1f} articles a second")
    print(
        f"  {workers} workers, one killed: {together:.1f} s, {count / together:.1f} a second, {alone / together:.2f}x"
    )


def _round(postgres: Postgres, folder: Path, count: int, workers: int, *, kill: bool) -> float:
    """Seconds from the first share that is taken to the last article. Ends the program if one is lost or twice."""
    folder.mkdir()
    lake = postgres.lake(folder / "rows")
    os.environ["DEALWIRE_DATABASE"], os.environ["DEALWIRE_DATA_PATH"] = lake.address.whole, str(folder / "rows")
    os.environ["DEALWIRE_BATCH"], os.environ["DEALWIRE_PROCESSES"] = str(BATCH), "1"
    settings = load()
    store(settings, count, lambda number: f"No. {number}.")
    chosen = extraction.plan(settings)
    from flows.share import extract_share, share

    # Registered here once; the workers take its runs.
    deployment = _deployment(extract_share)
    with _working(deployment, workers) as processes:
        for process in processes:
            assert process.stdout
            process.stdout.readline()
        started, killed, shared = time.monotonic(), not kill, 0.0
        while left := _left(settings, chosen.versions):
            if time.monotonic() - shared > 15:
                share(deployment="extract-share/extract-share", longest_minutes=LONGEST_MINUTES)
                shared = time.monotonic()
            if not killed and left < count * 2 / 3:
                processes[0].send_signal(signal.SIGKILL)
                killed = True
            time.sleep(0.5)
        seconds = time.monotonic() - started
    with warehouse(settings).read() as con:
        for name in transfer.tables(con):
            key = {"extractions": "article_id || extractor"}.get(name, "record_id" if "mention" in name else "")
            if name == "deal_claims" or key:
                asked = f"SELECT count(*), count(DISTINCT {key or 'record_id'}) FROM {name}"
                rows, distinct = con.execute(asked).fetchone() or (0, 0)
                print(f"  {workers} worker(s): {rows:,} rows in {name}, {rows - distinct} twice")
                if rows != distinct:
                    sys.exit("rows are there twice")
        done = con.execute("SELECT count(DISTINCT article_id) FROM extractions").fetchone()
    if done != (count,):
        sys.exit(f"articles are lost: {done} of {count}")
    lake.close()
    return seconds


def _deployment(flow: Any) -> str:
    from prefect.types.entrypoint import EntrypointType

    return str(flow.to_deployment("extract-share", entrypoint_type=EntrypointType.MODULE_PATH).apply())


def _left(settings: Settings, versions: list[ledger.Version]) -> int:
    with warehouse(settings).read() as con:
        return ledger.stale_count(con, versions)


@contextmanager
def _working(deployment: str, workers: int) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "benchmarks.machines", "work", json.dumps({"deployment": deployment})]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(workers)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.wait()


def _work(deployment: str) -> None:
    """Take one run after another, for ever."""
    from uuid import UUID

    from flows.asked import take
    from flows.share import extract_share

    settings = load()
    with extraction.readers(settings, expected=1) as reading:
        list(reading.extract(["NVIDIA will invest $1 billion in OpenAI."]))
    print("ready", flush=True)
    while True:
        if take({UUID(deployment): extract_share}) is None:
            time.sleep(0.3)


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        _work(json.loads(sys.argv[2])["deployment"])
    else:
        main()
