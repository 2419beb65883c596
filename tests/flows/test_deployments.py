"""`deployments/prefect.yaml`, deployed and run by a worker against a real server."""

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from dealwire.feeds import identity
from dealwire.settings import Settings
from dealwire.steps import warehouse
from dealwire.warehouse import load
from schemas import Feed

pytestmark = pytest.mark.xdist_group("prefect")

DEPLOYMENTS = Path(__file__).parents[2] / "deployments" / "prefect.yaml"
SCHEDULES = {
    "ingest": 1, "extract": 1, "link": 1, "announce": 1, "maintain": 1, "backfill": 0, "reextract": 0, "share": 1,
    "extract-share": 0, "extract-archive": 0, "share-backfill": 0, "pipeline": 0,
}  # fmt: skip
DECLARED = yaml.safe_load(DEPLOYMENTS.read_text(encoding="utf-8"))["deployments"]

STORY = b"""<!doctype html><html><head><title>Cloud order</title></head><body><article><h1>Cloud order</h1>
<p>Anthropic has committed to purchase $30 billion of Azure compute capacity from Microsoft, the companies said on
Tuesday. The order is one of the largest ever placed with a cloud provider, and deliveries begin next year.</p>
<p>NVIDIA will invest up to $10 billion in Anthropic. Engineers of the two companies will work together on the
performance of coming chips, and the first systems will be installed in the summer.</p></article></body></html>"""


@pytest.fixture
def feed_url() -> Iterator[str]:
    """An RSS feed on loopback with one story behind it."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            story = f"http://127.0.0.1:{self.server.server_address[1]}/story"
            feed = f"""<rss version="2.0"><channel><title>Wire</title><link>{story}</link><item>
                <title>Cloud order</title><link>{story}</link><guid>1</guid>
                <pubDate>Tue, 18 Nov 2025 15:00:00 GMT</pubDate></item></channel></rss>"""
            known = {"/feed": (feed.encode(), "application/rss+xml"), "/story": (STORY, "text/html; charset=utf-8")}
            body, kind = known.get(self.path, (b"", "text/plain"))
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/feed"
        server.shutdown()


@pytest.fixture
def environment(api_url: str, settings: Settings, tmp_path: Path) -> dict[str, str]:
    """What a user's shell would hold: the server, the warehouse, and which private hosts may be reached."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DEALWIRE_"))}
    return outer | {
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DEALWIRE_DATABASE": str(settings.database),
        "DEALWIRE_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
    }


# Several commands by one process: to import Prefect takes longer than to run one.
_COMMANDS = """
import json, sys
from prefect.cli import app
for words in json.loads(sys.argv[1]):
    sys.argv = ["prefect", *words]
    try:
        app()
    except SystemExit as stop:
        if stop.code:
            raise
"""


def prefect(*commands: list[str], environment: dict[str, str], cwd: Path) -> None:
    """Run Prefect's commands as documented, one after the other, each of which has to succeed."""
    command = [sys.executable, "-c", _COMMANDS, json.dumps(commands)]
    ran = subprocess.run(command, env=environment, cwd=cwd, capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@contextmanager
def worker(environment: dict[str, str], cwd: Path) -> Iterator[None]:
    """A worker of the pool for the length of a block."""
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "dealwire"]
    with (cwd / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=cwd, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        # Prefect's worker sometimes never stops when it is told to while a run of its own is ending.
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_deployments_name_modules_of_the_package_and_one_pool() -> None:
    assert [one["name"] for one in DECLARED] == list(SCHEDULES)
    for one in DECLARED:
        shared = "share" if "share" in one["name"] else one["name"]
        module = {"reextract": "extract", "extract-archive": "archive"}.get(shared, shared)
        assert one["entrypoint"] == f"flows.{module}.{one['name'].replace('-', '_')}"
        assert one["work_pool"] == {"name": "dealwire"}
        # Shares are there to be worked on side by side.
        assert one.get("concurrency_limit", {}).get("limit") == (None if one["name"] == "extract-share" else 1)


def test_deployed_ingest_wakes_extract_and_link_by_events(
    environment: dict[str, str], settings: Settings, tmp_path: Path, feed_url: str, ask: Callable[..., Any]
) -> None:
    feed = Feed(feed_id=identity.feed_id(feed_url), url=feed_url, added_at=datetime.now(UTC))
    with warehouse(settings).write() as db:
        load.store_feeds(db, [feed])
    prefect(
        ["work-pool", "create", "dealwire", "--type", "process"],
        ["--no-prompt", "deploy", "--all", "--prefect-file", str(DEPLOYMENTS)],
        ["deployment", "run", "ingest/ingest"],
        environment=environment,
        cwd=tmp_path,
    )
    deployed = {one["name"]: one for one in ask("deployments")}
    assert {name: len(one["schedules"]) for name, one in deployed.items()} == SCHEDULES

    with worker(environment, tmp_path):
        runs = _finished(("ingest", "extract", "link"), settings.database.name, ask)
    log = "\n".join(one["message"] for one in ask("logs")) + (tmp_path / "worker.log").read_text()
    ends = {one["name"].split()[0]: one["state"]["type"] for one in runs}
    assert ends == dict.fromkeys(("ingest", "extract", "link"), "COMPLETED"), log[-5000:]
    for run in runs:
        (report,) = ask("artifacts", flow_run_id=run["id"], type="table")
        assert report["key"] == run["name"].split()[0] + "-report"
    assert {one["parameters"].get("database") for one in runs} == {None, str(settings.database.resolve())}
    with warehouse(settings).read() as db:
        assert db.execute("SELECT count(*) FROM articles").fetchone() == (1,)
        assert db.execute("SELECT count(*) > 0 FROM money_mentions").fetchone() == (True,)


def _finished(
    flows: tuple[str, ...], database: str, ask: Callable[..., Any], seconds: float = 200
) -> list[dict[str, Any]]:
    """The runs of these flows into a database, once all have ended or one has failed."""
    end = time.monotonic() + seconds
    while True:
        begun = [one for one in ask("flow_runs") if f" into {database}" in one["name"] and one["state"]]
        runs = [one for one in begun if one["name"].split()[0] in flows]
        over = [one for one in runs if one["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")]
        failed = any(one["state"]["type"] != "COMPLETED" for one in over)
        if {one["name"].split()[0] for one in over} == set(flows) or failed or time.monotonic() > end:
            return runs
        time.sleep(0.5)


def test_the_documentation_tells_of_every_deployment_event_and_report() -> None:
    text = (DEPLOYMENTS.parents[1] / "docs" / "schedule.md").read_text(encoding="utf-8")
    for one in DECLARED:
        assert f"| `{one['name']}` |" in text
        assert f"`{one['name']}-report`" in text
        for trigger in one.get("triggers", []):
            assert f"| `{trigger['expect'][0]}` |" in text
