"""The page on 100,000 made-up articles with 20,000 deals: its data, and 50 readers at once while a writer writes.

`python -m benchmarks.page [ARTICLES]`. Wanted: the start page's data under 150 ms, the map's under 500 ms, no error.
"""

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from benchmarks import archive
from dealwire import prefect_server
from dealwire.warehouse import charts, hardware
from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.listing import Wanted
from dealwire.web.drawing import graph, options, sankey
from dealwire.web.pages import alliances

READERS = 50
TIMES = 5
PATHS = ("/", "/map/arrows.json?kind=purchase", "/companies", "/map", "/company/Company%207")


def main() -> None:
    """Print one line a question."""
    articles = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.duckdb"
        started = time.process_time()
        store = archive.fill(path, articles=articles, deals=articles // 5)
        size = path.stat().st_size / 1e6
        took = time.process_time() - started
        print(f"{articles:,} articles, {articles // 5:,} deals made in {took:.1f} CPU s, {size:.0f} MB", flush=True)
        for name, query, goal in (
            ("start page", _start, 150),
            ("map", _map, 500),
            ("circular flows of the map", _circles, None),
            ("companies", charts.companies, None),
            ("a company", _company, None),
            ("chips and models", _hardware, None),
        ):
            _timed(store, name, query, goal)
        _readers(store, Path(folder))


def _start(con: duckdb.DuckDBPyConnection) -> object:
    return alliances.start_data(con, Wanted(), 1)


def _map(con: duckdb.DuckDBPyConnection) -> object:
    found = charts.drawn(con, Wanted())
    kinds = charts.company_kinds(con, found.companies)
    whole = graph.graph(found.rows, found.companies)
    bands = sankey.bands(sankey.flows(found.rows))
    return options.map_options(whole, options.places(whole), kinds), options.bands_options(bands, kinds)


def _circles(con: duckdb.DuckDBPyConnection) -> object:
    return charts.circles_among(con, charts.drawn(con, Wanted()).companies)


def _company(con: duckdb.DuckDBPyConnection) -> object:
    name = "Company 7"
    return charts.company(con, name), charts.deals_of(con, name), charts.products_of(con, name)


def _hardware(con: duckdb.DuckDBPyConnection) -> object:
    return hardware.chips_bought(con), hardware.models_named(con), hardware.named_by_month(con, "chip")


def _timed(store: Warehouse, name: str, query: Callable[[duckdb.DuckDBPyConnection], object], goal: int | None) -> None:
    """The best of a few, each on a connection of its own, as the page asks."""
    walls, cpus = [], []
    for _ in range(TIMES):
        wall, cpu = time.perf_counter(), time.process_time()
        with store.read() as con:
            query(con)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    wanted = f" (wanted: under {goal} ms)" if goal else ""
    print(f"{name}: {min(walls) * 1000:.0f} ms, {min(cpus) * 1000:.0f} ms of CPU{wanted}", flush=True)


def _readers(store: Warehouse, folder: Path) -> None:
    port = prefect_server.free_port()
    words = [sys.executable, "-c", "from dealwire.cli import main; main()", "web", "--port", str(port)]
    with (folder / "web.log").open("w") as log:
        server = subprocess.Popen([*words, "--db", str(store.path)], cwd=folder, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        give_up = time.monotonic() + 300
        while not _answers(f"{address}/static/icon.svg") and time.monotonic() < give_up:
            time.sleep(0.3)
        done, written = threading.Event(), [0]
        writer = threading.Thread(target=_write, args=(store, done, written))
        writer.start()
        started = time.perf_counter()
        try:
            with ThreadPoolExecutor(READERS) as pool:
                told = list(pool.map(_asked, (address + PATHS[at % len(PATHS)] for at in range(READERS))))
        finally:
            took = time.perf_counter() - started
            done.set()
            writer.join()
    finally:
        server.terminate()
        server.wait(30)
    wrong = [one for one in told if one]
    print(
        f"{READERS} readers at once: {len(wrong)} errors (wanted: 0) in {took:.1f} s, "
        f"while {written[0]} transactions were written"
    )
    log_lines = (folder / "web.log").read_text(encoding="utf-8").splitlines()
    for line in [*wrong[:3], *(log_lines[-3:] if wrong else [])]:
        print(f"  {line}")


def _write(store: Warehouse, done: threading.Event, written: list[int]) -> None:
    while not done.is_set():
        with store.write() as con:
            con.execute("INSERT INTO step_notes VALUES ('benchmark', 'written', now())")
        written[0] += 1
        done.wait(0.2)


def _asked(address: str) -> str | None:
    """What went wrong, in words."""
    try:
        with urllib.request.urlopen(address, timeout=600) as answer:
            body = answer.read()
    except OSError as error:
        return f"{address}: {error}"
    return f"{address}: {body[:200]!r}" if b"This did not work" in body else None


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError, urllib.error.HTTPError), urllib.request.urlopen(address, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


if __name__ == "__main__":
    main()
