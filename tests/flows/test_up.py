"""`dealwire up` as a user runs it: a real server, worker and listener, killed part by part, and news all the while.

One `up` serves all tests of this file, in their order; what kills it comes last.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import httpx
import pytest

from dealwire import home
from dealwire.steps import warehouse
from tests.flows.running import HOLDER, Receiver, Running, millions, running_hub

pytestmark = pytest.mark.xdist_group("prefect")

SECRET = "a secret of the test"


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    with running_hub() as address:
        yield address


@pytest.fixture(scope="module")
def up(hub: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("up"), {"HOOK_SECRET": SECRET})
    running.wire.hub = hub
    running.add_feed()
    running.start()
    yield running
    if running.process and running.process.poll() is None:
        running.stop()
    running.wire.shutdown()


def test_status_and_metrics_tell_that_everything_runs(up: Running) -> None:
    ran = up.dealwire("status")
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
    ran = up.dealwire("up")
    assert ran.returncode == 1
    assert "runs already for this database" in ran.stderr


def test_an_article_that_a_hub_delivers_is_a_deal_in_seconds_and_a_webhook_gets_one_signed_call(up: Running) -> None:
    receiver = Receiver()
    added = up.dealwire("notify", "add", "webhook", receiver.url, "--name", "hook", "--secret-env", "HOOK_SECRET")
    assert added.returncode == 0, added.stderr
    up.subscribe()
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
    up.until(lambda: len(receiver.calls) >= 3, 20, "three calls")
    alliances = receiver.alliances(SECRET)
    assert len(alliances) == len(set(alliances)) == 3
    receiver.shutdown()
    assert up.dealwire("notify", "remove", "hook").returncode == 0


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
        [sys.executable, "-c", HOLDER, str(up.settings.database), "6"], stdout=subprocess.PIPE, text=True
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
    ran = up.dealwire("status")
    assert ran.returncode == 3
    assert ran.stdout.startswith("not running")


def _lives(pid: int) -> bool:
    with suppress(OSError):
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False
