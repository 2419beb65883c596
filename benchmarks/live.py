"""`dealwire up` alive: how long news takes to be a deal, and what is left of it when things break.

`python -m benchmarks.live [SCENARIO…]`; each starts a real server, worker and listener on loopback. Wanted: from a
hub's delivery to a deal under 5 s (p95 of 20), by polling one interval and 10 s; whatever breaks, no row and no event
lost, none twice, events in their order; the worker under 1 GB.

latency   20 articles through a hub, one after the other; a webhook is called once an alliance, signed
postgres  the same with a Prefect server that keeps its data in PostgreSQL
polling   an article that no hub delivers
burst     200 articles at once
outage    the Prefect server is stopped for a minute in the middle
kills     worker, server and `up` are killed while there is work
full      the disk is full for a while: a small tmpfs, which root alone can make
clock     the clock jumps back an hour while everything runs: needs a C compiler
two       two workers on one file, and a program that holds it for two minutes
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dealwire import home, prefect_server
from dealwire.steps import warehouse
from dealwire.warehouse import pending
from tests.flows.running import HOLDER, Receiver, Running, millions, running_hub

if TYPE_CHECKING:
    from tests.postgres import Postgres

SECRET = "a secret of the benchmark"
EVENTS = ("dealwire.articles.stored", "dealwire.deal.found", "dealwire.alliance.announced")
POLL_SECONDS = 15.0


@contextmanager
def up(folder: Path | None = None, *, hub: bool = True, **more: Any) -> Iterator[Running]:
    """A running `up` that a hub delivers to, or that polls alone."""
    with running_hub() as address, tempfile.TemporaryDirectory(prefix="live") as made:
        running = Running(folder or Path(made), **more)
        running.wire.hub = address if hub else ""
        running.add_feed()
        try:
            print(f"  started in {running.start():.0f} s", flush=True)
            if hub:
                running.subscribe()
            yield running
        finally:
            running.stop()
            running.wire.shutdown()


def latency(count: int = 20, **joined: Any) -> None:
    receiver = Receiver()
    with up(more={"HOOK_SECRET": SECRET}, **joined) as running:
        signed = ("--name", "hook", "--secret-env", "HOOK_SECRET")
        added = running.dealwire("notify", "add", "webhook", receiver.url, *signed)
        assert added.returncode == 0, added.stderr
        calm(running)
        before, took = spent(running), []
        for number in range(1, count + 1):
            started = time.monotonic()
            running.publish(number)
            running.until(lambda n=number: millions(n) in running.deals(), 60, f"the deal of story {number}")
            took.append(time.monotonic() - started)
            print(f"  {took[-1]:.2f} s", flush=True)
        figures = f"p50 {median(took):.2f} s, p95 {p95(took):.2f} s, most {max(took):.2f} s"
        print(f"  from delivery to deal: {figures} of {count}; wanted: p95 under 5 s")
        after = spent(running)
        used = ", ".join(f"{name} {(after[name] - before[name]) / count:.2f}" for name in before)
        print(f"  seconds of a processor an article, what is told afterwards included: {used}")
        stages(running)
        running.until(lambda: len(receiver.calls) >= count, 30, "the calls")
        whole(running, range(1, count + 1))
        alliances = receiver.alliances(SECRET)
        assert sorted(alliances) == sorted(set(alliances)), "an alliance was told twice"
        assert len(alliances) == len(running.outbox("dealwire.alliance.announced"))
        print(f"  {len(alliances)} alliances, {len(receiver.calls)} signed calls")


def postgres() -> None:
    from tests.postgres import running

    with (
        running() as found,
        tempfile.TemporaryDirectory(prefix="server") as place,
        on_postgres(found, Path(place)) as api_url,
    ):
        latency(server=api_url)
        print(f"  the runs are in PostgreSQL: {found.ask('SELECT count(*) FROM flow_run', 'prefect')}")


def polling() -> None:
    minutes = str(POLL_SECONDS / 60)
    more = {
        "DEALWIRE_POLL_EVERY_MINUTES": minutes,
        "DEALWIRE_POLL_SHORTEST_MINUTES": minutes,
        "DEALWIRE_POLL_LONGEST_HOURS": str(POLL_SECONDS / 3600),
    }
    with up(hub=False, more=more) as running:
        calm(running)
        took = []
        for number in range(1, 6):
            started = time.monotonic()
            running.wire.listed.append(number)
            running.until(lambda n=number: millions(n) in running.deals(), 60, f"the deal of story {number}")
            took.append(time.monotonic() - started)
        whole(running, range(1, 6))
        figures = f"p50 {median(took):.1f} s, most {max(took):.1f} s of 5"
        print(f"  from the site to a deal: {figures}; wanted: under {POLL_SECONDS + 10:.0f} s")


def burst(count: int = 200) -> None:
    numbers = range(100, 100 + count)
    with up() as running:
        calm(running)
        started, memory = time.monotonic(), 0

        def done() -> bool:
            nonlocal memory
            memory = max(memory, resident(running.pid("worker")))
            return extracted(running) >= count

        running.publish(*numbers)
        running.until(done, 200, f"{count} articles")
        took = time.monotonic() - started
        whole(running, numbers, each=False)
        print(f"  {count} articles in {took:.0f} s, the worker took at most {memory} MB")
        assert memory < 1000


def outage() -> None:
    with tempfile.TemporaryDirectory(prefix="server") as place:
        port = prefect_server.free_port()
        url = f"http://127.0.0.1:{port}/api"
        server = serve(Path(place), port)
        try:
            with up(server=url) as running:
                calm(running)
                running.publish(*range(10, 15))
                running.until(lambda: deals(running, range(10, 12)), 60, "the first deals")
                server.terminate()
                server.wait(40)
                stopped = time.monotonic()
                running.publish(*range(15, 30))
                running.until(lambda: deals(running, range(10, 30)), 90, "the deals without a server")
                time.sleep(max(0.0, 60 - (time.monotonic() - stopped)))
                server = serve(Path(place), port)
                whole(running, range(10, 30))
                print(f"  20 articles, the server was away for {time.monotonic() - stopped:.0f} s with its start")
        finally:
            server.terminate()
            server.wait(40)


def kills() -> None:
    with up() as running:
        calm(running)
        for round_, part in enumerate(("worker", "prefect", "worker", "up")):
            numbers = range(10 + 20 * round_, 30 + 20 * round_)
            running.publish(*numbers)
            time.sleep(1.0 + 0.5 * round_)
            if part == "up":
                assert running.process is not None
                os.kill(running.process.pid, signal.SIGKILL)
                running.process.wait()
                running.process = None
                running.start()
                said = [one["message"] for one in running.records("repaired")]
                print("  the next start says: " + "; ".join(said))
                assert said
            else:
                before = running.pid(part)
                os.kill(before, signal.SIGKILL)
                running.until(lambda p=part, b=before: up_again(running, p, b), 120, f"{part} to be back")
            running.until(lambda n=numbers: deals(running, n), 120, "the deals")
        whole(running, range(10, 90))
        print("  80 articles, four kills: nothing lost, nothing twice")


def full() -> None:
    if os.geteuid() != 0:
        print("  left out: a tmpfs is root's to make")
        return
    with tempfile.TemporaryDirectory(prefix="full") as place:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", place], check=True)
        try:
            with up(Path(place)) as running:
                calm(running)
                running.publish(*range(10, 15))
                running.until(lambda: deals(running, range(10, 15)), 60, "the first deals")
                ballast = Path(place) / "ballast"
                fill(ballast)
                with suppress(AssertionError):
                    # The listener says 503, and a hub delivers again.
                    running.publish(*range(15, 25))
                time.sleep(10)
                ballast.unlink()
                running.publish(*range(15, 25))
                running.until(lambda: deals(running, range(10, 25)), 180, "the deals after there was room again")
                whole(running, range(10, 25))
                told = [one["message"] for name in ("read", "extract", "send", "look") for one in running.records(name)]
                print("  said meanwhile: " + next((one for one in told if "full" in one or "space" in one), "nothing"))
                print("  15 articles: nothing lost, nothing twice")
        finally:
            subprocess.run(["umount", "--lazy", place], check=True)


def clock() -> None:
    if not (compiler := shutil.which("cc")):
        print("  left out: there is no C compiler")
        return
    with tempfile.TemporaryDirectory(prefix="clock") as place:
        said, jump = Path(place) / "offset", Path(place) / "jump.so"
        said.write_text("0")
        source = Path(__file__).with_name("jump.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-o", str(jump), str(source)], check=True)
        with up(more={"LD_PRELOAD": str(jump), "CLOCK_OFFSET": str(said)}) as running:
            calm(running)
            running.publish(*range(10, 15))
            running.until(lambda: deals(running, range(10, 15)), 90, "the first deals")
            said.write_text("-3600")
            running.publish(*range(15, 25))
            running.until(lambda: deals(running, range(10, 25)), 90, "the deals after the clock was set back")
            whole(running, range(10, 25))
            with warehouse(running.settings).read() as con:
                times = [row[0] for row in con.execute("SELECT made_at FROM outbox ORDER BY position").fetchall()]
            assert times == sorted(times), "events lost their order"
            print("  15 articles, the clock was set back by an hour after 5: nothing lost, nothing twice, all in order")


def two() -> None:
    with up() as running:
        calm(running)
        given = {"database": str(running.settings.database), "config": None, "api_url": running.api_url}
        with (running.folder / "second.log").open("wb") as log:
            second = subprocess.Popen(
                [sys.executable, "-P", "-m", "flows.worker", json.dumps(given)],
                env=running.environment | {"PREFECT_API_URL": running.api_url},
                cwd=running.folder, stdin=subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            text = running.folder / "second.log"
            running.until(lambda: '"ready"' in text.read_text(), 60, "the second worker")
            running.publish(*range(10, 30))
            running.until(lambda: deals(running, range(10, 30)), 90, "the deals of two workers")
            holder = subprocess.Popen(
                [sys.executable, "-c", HOLDER, str(running.settings.database), "120"], stdout=subprocess.PIPE, text=True
            )
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            started = time.monotonic()
            # Something has changed, so the workers look.
            os.utime(running.settings.database)
            mine = f"process {holder.pid}"
            running.until(lambda: any(one["holder"].startswith(mine) for one in running.records("held")), 60, "a word")
            print(f"  after {time.monotonic() - started:.1f} s: {running.records('held')[-1]['message']}")
            running.wire.listed += range(30, 40)
            holder.wait(180)
            running.publish(*range(30, 40))
            running.until(lambda: deals(running, range(10, 40)), 180, "the deals after the file was free again")
            whole(running, range(10, 40))
            print("  30 articles, two workers, held for two minutes: nothing lost, nothing twice")
        finally:
            assert second.stdin is not None
            second.stdin.close()
            second.wait(30)


def calm(running: Running) -> None:
    """Wait until what a start brings is done: only news is measured."""

    def quiet() -> bool:
        worker = home.read(home.Home(running.settings.database).worker)
        return bool(worker) and not worker["doing"] and "link" in worker["runs"]

    running.until(quiet, 60, "the worker to be calm")
    time.sleep(3)


def deals(running: Running, numbers: range) -> bool:
    """Whether all of these stories are deals."""
    return {millions(number) for number in numbers} <= running.deals().keys()


def extracted(running: Running) -> int:
    with warehouse(running.settings).read() as con:
        row = con.execute("SELECT count(DISTINCT article_id) FROM extractions").fetchone()
    return int(row[0]) if row else 0


def whole(running: Running, numbers: range, *, each: bool = True) -> None:
    """Every story is stored once, and told of once; the server has every event once and in order.

    `each`: each story is a deal, which those of more than a hundred stories are not.
    """
    if each:
        running.until(lambda: deals(running, numbers), 60, "all deals")

    def sent() -> bool:
        with warehouse(running.settings).read() as con:
            return con.execute("SELECT count(*) FROM outbox WHERE sent_at IS NULL").fetchone() == (0,)

    running.until(sent, 120, "the events to arrive")
    with warehouse(running.settings).read() as con:
        stored = con.execute("SELECT count(*), count(DISTINCT url), count(text) FROM articles").fetchone()
        assert stored == (len(numbers),) * 3, f"{len(numbers)} articles, stored {stored}"
        claimed = con.execute("SELECT count(DISTINCT article_id) FROM deal_claims").fetchone()
        assert claimed == (len(numbers),), f"{len(numbers)} articles, claims of {claimed}"
        for table, key in (("deal_claims", "record_id"), ("deals", "deal_id"), ("told_deals", "deal_id")):
            doubled = con.execute(f"SELECT count(*) - count(DISTINCT {key}) FROM {table}").fetchone()
            assert doubled == (0,), f"rows of {table} are there twice"
    for event in EVENTS:
        ids = running.outbox(event)
        assert len(ids) == len(set(ids))
        told = [one["id"] for one in running.told(event)]
        assert told == ids, f"{event}: {len(ids)} in the outbox, {len(told)} at the server"


def stages(running: Running) -> None:
    from datetime import UTC, datetime

    with warehouse(running.settings).read() as con:
        for row in pending.lags(con, now=datetime.now(UTC)):
            print(f"    {row['stage']}: p50 {row['p50']:.2f} s, p95 {row['p95']:.2f} s")


def spent(running: Running) -> dict[str, float]:
    """Seconds of a processor that each part has taken, its children's that have ended included."""
    return {name: ticks(running.pid(name)) for name in running.state()["parts"]}


def ticks(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000
    return 0


def up_again(running: Running, part: str, before: int) -> bool:
    now = running.state()["parts"][part]
    return bool(now["state"] == "running" and now["pid"] != before)


def serve(place: Path, port: int, more: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """A Prefect server of the benchmark's own, that answers."""
    with (place / "server.log").open("ab") as log:
        process = subprocess.Popen(
            prefect_server.command(port),
            env=prefect_server.environment(place / "home") | (more or {}),
            cwd=place, stdin=subprocess.PIPE, stdout=log, stderr=log,
        )  # fmt: skip
    end = time.monotonic() + 300
    while not prefect_server.reachable(f"http://127.0.0.1:{port}/api"):
        assert time.monotonic() < end, "the server does not start"
        time.sleep(0.2)
    return process


@contextmanager
def on_postgres(found: "Postgres", place: Path) -> Iterator[str]:
    """A Prefect server that keeps its data in PostgreSQL; its API's address."""
    found.ask("CREATE DATABASE prefect")
    port, who = prefect_server.free_port(), f"postgres:{quote(found.password)}@127.0.0.1:{found.port}"
    database = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": f"postgresql+asyncpg://{who}/prefect"}
    server = serve(place, port, database)
    try:
        yield f"http://127.0.0.1:{port}/api"
    finally:
        server.terminate()
        server.wait(40)


def fill(path: Path) -> None:
    with path.open("wb") as file, suppress(OSError):
        while True:
            file.write(bytes(65536))
            file.flush()


def p95(took: list[float]) -> float:
    return quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else took[0]


SCENARIOS: dict[str, Callable[[], None]] = {
    "latency": latency,
    "postgres": postgres,
    "polling": polling,
    "burst": burst,
    "outage": outage,
    "kills": kills,
    "full": full,
    "clock": clock,
    "two": two,
}


def main() -> None:
    names = sys.argv[1:] or list(SCENARIOS)
    for name in names:
        if name not in SCENARIOS:
            sys.exit(f"there is no scenario {name!r}; there are: {', '.join(SCENARIOS)}")
        print(f"-- {name}", flush=True)
        SCENARIOS[name]()


if __name__ == "__main__":
    main()
