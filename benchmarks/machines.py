"""Four workers on a DuckLake with a PostgreSQL catalogue, one of them killed in the middle, against one alone.

`python -m benchmarks.machines [ARTICLES [WORKERS]]`. The articles are cut into shares by the flow `share` and taken
from a Prefect server by processes that stay warm; wanted: none lost, none twice. A process of this machine stands for a
machine; more of them than cores make nothing faster.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.extract import articles
from dealwire import extraction, prefect_server
from dealwire.opening import warehouse
from dealwire.settings import Settings, load
from dealwire.warehouse import ledger, transfer
from dealwire.warehouse import load as loading
from schemas import Article, content_id
from tests.postgres import Postgres, running

BATCH = 25
LONGEST_MINUTES = 1.0
"""After so long a share whose worker was killed is submitted again."""


def main() -> None:
    """Print what became of the articles, and the speeds."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with running() as postgres, tempfile.TemporaryDirectory() as folder, prefect_server.temporary_server() as api_url:
        os.environ |= {"PREFECT_API_URL": api_url, "PREFECT_LOGGING_LEVEL": "ERROR"}
        alone = _round(postgres, Path(folder) / "one", count, 1, kill=False)
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
    _store(settings, count)
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


def _store(settings: Settings, count: int) -> None:
    texts, first = articles(), datetime(2026, 1, 1, tzinfo=UTC)
    made = []
    for number in range(count):
        text, url = f"{texts[number % len(texts)]}\n\nNo. {number}.", f"https://site.example/{number}"
        made.append(
            Article(
                article_id=content_id(url),
                url=url,
                site="site.example",
                title=f"No. {number}",
                text=text,
                published_at=first + timedelta(minutes=number),
                first_seen_at=first + timedelta(minutes=number),
                read_status="page",
            )
        )
    with warehouse(settings).write() as con:
        loading.store_articles(con, made)


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

    from prefect.client.orchestration import get_client
    from prefect.client.schemas.responses import SetStateStatus
    from prefect.flow_engine import run_flow
    from prefect.states import Pending

    from flows.share import extract_share

    settings = load()
    with extraction.readers(settings, expected=1) as reading:
        list(reading.extract(["NVIDIA will invest $1 billion in OpenAI."]))
    print("ready", flush=True)
    while True:
        with get_client(sync_client=True) as client:
            now = datetime.now(UTC)
            waiting = client.get_scheduled_flow_runs_for_deployments([UUID(deployment)], scheduled_before=now, limit=1)
            # Of several that would have it the server gives it to one.
            mine = waiting and client.set_flow_run_state(waiting[0].id, Pending()).status is SetStateStatus.ACCEPT
            run = client.read_flow_run(waiting[0].id) if mine else None
        if run is None:
            time.sleep(0.3)
            continue
        run_flow(extract_share, flow_run=run, parameters=run.parameters, return_type="state")


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        _work(json.loads(sys.argv[2])["deployment"])
    else:
        main()
