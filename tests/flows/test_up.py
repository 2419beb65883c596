"""`dealwire up` as a user runs it: a real server, worker and listener, killed part by part, and news all the while.

One `up` serves all tests of this file, in their order; what kills it comes last.
"""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from dealwire import home, prefect_server
from dealwire.feeds.identity import feed_id
from dealwire.settings import Settings
from dealwire.steps import warehouse
from dealwire.warehouse import load, outbox
from schemas import Feed
from tests.feeds.hub import call

pytestmark = pytest.mark.xdist_group("prefect")

PAYERS = ("NVIDIA", "Microsoft", "Oracle", "AMD", "Intel", "Samsung", "Broadcom", "Amazon", "Google", "Meta")
PAYEES = (
    "Anthropic",
    "OpenAI",
    "Mistral AI",
    "Databricks",
    "CoreWeave",
    "Nebius",
    "xAI",
    "Perplexity",
    "Cerebras",
    "Figma",
)


HOLDER = """
import duckdb, sys, time
while True:
    try:
        con = duckdb.connect(sys.argv[1])
        break
    except duckdb.Error:
        time.sleep(0.01)
print("held", flush=True)
time.sleep(6)
"""


class Wire(http.server.ThreadingHTTPServer):
    """A news site on loopback with one feed, and a story behind each of its entries."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.feed = self.base + "/feed"
        self.hub = ""
        self.listed: list[int] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def document(self, *numbers: int) -> str:
        """The feed with these stories."""
        link = f'<atom:link rel="hub" href="{self.hub}"/>' if self.hub else ""
        now = datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        items = "".join(
            f"<item><title>{title(n)}</title><link>{self.base}/story/{n}</link><guid>{n}</guid>"
            f"<pubDate>{now}</pubDate></item>"
            for n in numbers
        )
        return (
            '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Wire</title>'
            f'<link>{self.base}</link>{link}<atom:link rel="self" href="{self.feed}"/>{items}</channel></rss>'
        )


def title(number: int) -> str:
    payer, payee = sides(number)
    return f"{payer} to invest in {payee}, story {number}"


def sides(number: int) -> tuple[str, str]:
    return PAYERS[number % 10], PAYEES[number // 10 % 10]


def millions(number: int) -> int:
    """Another sum for each story, and never near that of another round of the same company."""
    return (11 + number // 10) * 2 ** (number % 10)


class _Pages(http.server.BaseHTTPRequestHandler):
    server: Wire

    def do_GET(self) -> None:
        if self.path == "/feed":
            body = self.server.document(*self.server.listed)
        elif self.path.startswith("/story/"):
            number = int(self.path.rsplit("/", 1)[1])
            payer, payee = sides(number)
            body = (
                f"<!doctype html><html><head><title>{title(number)}</title></head><body><article>"
                f"<h1>{title(number)}</h1><p>{payer} will invest ${millions(number)} million in {payee}, the companies "
                "said on Tuesday. The money is to be spent on new machines, and the first of them will be installed in "
                f"the summer.</p><p>This is story number {number} of a long series, and it says nothing else that is "
                "of interest to anybody who does not work there.</p></article></body></html>"
            )
        else:
            self.send_error(404)
            return
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml" if self.path == "/feed" else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None: ...


class Running:
    """A `dealwire up` of one warehouse, and what is asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.wire = folder, Wire()
        self.server_port, self.port = (prefect_server.free_port() for _ in range(2))
        self.settings = Settings(database=folder / "up.duckdb", allow_private_hosts=("127.0.0.1",), lock_seconds=20)
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DEALWIRE_"))}
        self.environment = outer | {
            "DEALWIRE_DATABASE": str(self.settings.database),
            "DEALWIRE_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
            "DEALWIRE_UPDATE_RATES": "false",
            "DEALWIRE_WEBSUB_CALLBACK": f"http://127.0.0.1:{self.port}",
        }
        self.log = folder / "up.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api"

    def start(self, *words: str) -> float:
        """Start it, and wait until everything runs; the seconds that took."""
        started = time.monotonic()
        command = [sys.executable, "-P", "-c", "from dealwire.cli import main; main()", "up", "--log-format", "json"]
        command += ["--own-server", "--server-port", str(self.server_port), "--port", str(self.port), *words]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, cwd=self.folder, stderr=log, stdout=log)
        self.until(lambda: self.state().get("ready"), 120, "everything to run")
        return time.monotonic() - started

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(40)

    def state(self) -> dict[str, Any]:
        own = home.Home(self.settings.database)
        return home.read(own.state) if own.running() else {}

    def pid(self, part: str) -> int:
        return int(self.state()["parts"][part]["pid"])

    def records(self, event: str) -> list[dict[str, Any]]:
        """What was logged of a kind."""
        found = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]
        return [one for one in found if one["event"] == event]

    def until(self, found: Callable[[], Any], seconds: float, what: str) -> Any:
        """What `found` gives as soon as it gives something; three times as long on a machine that is busy."""
        end = time.monotonic() + 3 * seconds
        while time.monotonic() < end:
            assert self.process is None or self.process.poll() is None, self.log.read_text(encoding="utf-8")[-4000:]
            if result := found():
                return result
            time.sleep(0.1)
        raise AssertionError(f"waited {3 * seconds} s for {what}\n" + self.log.read_text(encoding="utf-8")[-6000:])

    def deals(self) -> dict[int, str]:
        """The deals that can be asked for, by their millions."""
        query = "SELECT (amount_max / 1000000)::INTEGER, deal_id FROM deal_overview WHERE amount_max IS NOT NULL"
        with warehouse(self.settings).read() as con:
            return dict(con.execute(query).fetchall())

    def told(self, event: str) -> list[dict[str, Any]]:
        """The events of a kind at the server, oldest first."""
        found: list[dict[str, Any]] = []
        wanted: dict[str, Any] = {"filter": {"event": {"name": [event]}, "order": "ASC"}, "limit": 50}
        answer = httpx.post(f"{self.api_url}/events/filter", json=wanted, timeout=20).json()
        while True:
            found += answer["events"]
            if not answer.get("next_page"):
                return found
            answer = httpx.get(answer["next_page"], timeout=20).json()

    def outbox(self, event: str) -> list[str]:
        """The ids of the events of a kind in the outbox, in their order."""
        with warehouse(self.settings).read() as con:
            return [one.event_id for one in outbox.after(con, 0, names=[event], limit=10_000)]

    def publish(self, *numbers: int) -> None:
        """Let the site have these stories too, and its hub deliver them."""
        self.wire.listed += numbers
        status, answer = call(
            f"{self.wire.hub}publish?topic={self.wire.feed}",
            self.wire.document(*numbers).encode(),
            {"Content-Type": "text/xml"},
        )
        assert (status, json.loads(answer)) == (200, [202])


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.feeds.hub"],
        cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)


@pytest.fixture(scope="module")
def up(hub: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("up"))
    running.wire.hub = hub
    with warehouse(running.settings).write() as con:
        load.store_feeds(
            con, [Feed(feed_id=feed_id(running.wire.feed), url=running.wire.feed, added_at=datetime.now(UTC))]
        )
    running.start()
    yield running
    if running.process and running.process.poll() is None:
        running.stop()
    running.wire.shutdown()


def test_status_and_metrics_tell_that_everything_runs(up: Running) -> None:
    command = [sys.executable, "-P", "-c", "from dealwire.cli import main; main()", "status"]
    ran = subprocess.run(command, env=up.environment, cwd=up.folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("running for ")
    for part in ("prefect", "worker", "listener"):
        assert f"  {part:<10} running for " in ran.stdout
    metrics = httpx.get(f"http://127.0.0.1:{up.port}/metrics")
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "\ndealwire_up 1\n" in metrics.text
    assert '\ndealwire_part_up{part="worker"} 1\n' in metrics.text
    assert '\ndealwire_pending{step="extract"} 0\n' in metrics.text
    assert httpx.get(f"http://127.0.0.1:{up.port}/health").json()["running"] is True


def test_a_second_up_of_the_same_warehouse_is_refused(up: Running) -> None:
    command = [sys.executable, "-P", "-c", "from dealwire.cli import main; main()", "up"]
    ran = subprocess.run(command, env=up.environment, cwd=up.folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "runs already for this database" in ran.stderr


def test_an_article_that_a_hub_delivers_is_a_deal_in_seconds(up: Running) -> None:
    up.until(lambda: up.records("hubs"), 40, "the hub to be asked")
    up.until(lambda: call(up.wire.hub)[1].count(b"verified"), 20, "the hub to verify")
    took = []
    for number in range(1, 4):
        started = time.monotonic()
        up.publish(number)
        up.until(lambda number=number: millions(number) in up.deals(), 60, f"the deal of story {number}")
        took.append(time.monotonic() - started)
    print("seconds from delivery to deal:", [round(one, 1) for one in took])
    ids = up.outbox("dealwire.alliance.announced")
    assert len(ids) == 3
    told = up.until(lambda: found if len(found := up.told("dealwire.alliance.announced")) >= 3 else None, 20, "events")
    assert [one["id"] for one in told] == ids


def test_what_happens_while_the_server_is_dead_is_told_when_it_is_back_in_order_and_once(up: Running) -> None:
    restarts = up.state()["parts"]["prefect"]["restarts"]
    os.kill(up.pid("prefect"), signal.SIGKILL)
    up.publish(*range(10, 20))
    up.until(lambda: {millions(n) for n in range(10, 20)} <= up.deals().keys(), 60, "ten deals")
    up.until(lambda: up.state()["parts"]["prefect"]["restarts"] > restarts, 20, "the server's end to be noticed")
    up.until(lambda: up.state()["parts"]["prefect"]["state"] == "running", 90, "the server to be back")
    for event in ("dealwire.deal.found", "dealwire.alliance.announced"):
        ids = up.outbox(event)
        assert len(ids) == len(set(ids)) == 13
        told = up.until(lambda e=event: f if len(f := up.told(e)) >= 13 else None, 60, f"{event} at the server")
        assert [one["id"] for one in told] == ids


def test_a_worker_that_is_killed_is_started_again_and_loses_nothing(up: Running) -> None:
    before = up.pid("worker")
    up.publish(*range(20, 60))
    up.until(
        lambda: up.deals().keys() & {millions(n) for n in range(20, 60)} or up.outbox("dealwire.articles.stored"),
        40,
        "work",
    )
    os.kill(before, signal.SIGKILL)
    up.until(lambda: up.state()["parts"]["worker"]["state"] == "running" and up.pid("worker") != before, 60, "a worker")
    up.until(lambda: {millions(n) for n in range(20, 60)} <= up.deals().keys(), 90, "forty deals")
    ids = up.outbox("dealwire.deal.found")
    assert len(ids) == len(set(ids)) == 53
    with warehouse(up.settings).read() as con:
        doubled = con.execute("SELECT count(*) - count(DISTINCT record_id) FROM deal_claims").fetchone()
    assert doubled == (0,)
    memory = home.read(home.Home(up.settings.database).worker)["memory_mb"]
    assert memory < 1000


def test_work_waits_for_a_program_that_holds_the_database_and_says_which(up: Running) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(up.settings.database)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    # Something has changed, so the worker looks.
    os.utime(up.settings.database)
    up.until(lambda: any(one["holder"].startswith(f"process {holder.pid}") for one in up.records("held")), 20, "a word")
    holder.wait(20)
    up.publish(61)
    up.until(lambda: millions(61) in up.deals(), 60, "the deal")


def test_an_up_that_is_killed_takes_its_parts_along_and_the_next_says_what_it_found(up: Running) -> None:
    assert up.process is not None
    parts = [up.pid(name) for name in ("prefect", "worker", "listener")]
    up.publish(*range(70, 75))
    os.kill(up.process.pid, signal.SIGKILL)
    up.process.wait()
    end = time.monotonic() + 30
    while any(_lives(pid) for pid in parts) and time.monotonic() < end:
        time.sleep(0.1)
    assert not [pid for pid in parts if _lives(pid)]
    up.process = None
    took = up.start()
    print(f"started again in {took:.0f} s")
    assert any("was cut off" in one["message"] for one in up.records("repaired"))
    up.until(lambda: {millions(n) for n in range(70, 75)} <= up.deals().keys(), 60, "the deals that were left")
    assert len(up.outbox("dealwire.deal.found")) == len(up.deals())


def test_sigterm_stops_all_of_it_cleanly(up: Running) -> None:
    assert up.process is not None
    parts = [up.pid(name) for name in ("prefect", "worker", "listener")]
    started = time.monotonic()
    up.stop()
    assert up.process.returncode == 0
    assert time.monotonic() - started < 30
    assert not [pid for pid in parts if _lives(pid)]
    assert "ended_at" in home.read(home.Home(up.settings.database).state)
    with duckdb.connect(str(up.settings.database), read_only=True) as con:
        assert con.execute("SELECT count(*) - count(DISTINCT deal_id) FROM deals").fetchone() == (0,)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", up.port)) != 0
    command = [sys.executable, "-P", "-c", "from dealwire.cli import main; main()", "status"]
    ran = subprocess.run(command, env=up.environment, cwd=up.folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 3
    assert ran.stdout.startswith("not running")


def _lives(pid: int) -> bool:
    with suppress(OSError):
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False
