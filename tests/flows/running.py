"""`dealwire up` as a process, and the world around it on loopback: a news site, a hub, the receiver of a webhook."""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from dealwire import home, prefect_server
from dealwire.feeds.identity import feed_id
from dealwire.notify import webhook
from dealwire.settings import Settings
from dealwire.steps import warehouse
from dealwire.warehouse import load, outbox
from schemas import Feed
from tests.feeds.hub import call

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
time.sleep(float(sys.argv[2]))
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
    """A `dealwire up` of one warehouse, and what is asked of it.

    `more`: variables of its environment. `server`: the address of a Prefect server that it joins; else it has its own.
    """

    def __init__(self, folder: Path, more: Mapping[str, str] | None = None, server: str | None = None) -> None:
        self.folder, self.wire = folder, Wire()
        self.port = prefect_server.free_port()
        self.api_url = server or f"http://127.0.0.1:{prefect_server.free_port()}/api"
        self._joins = server is not None
        self.settings = Settings(database=folder / "up.duckdb", allow_private_hosts=("127.0.0.1",), lock_seconds=20)
        outer = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "DEALWIRE_"))}
        self.environment = outer | {
            "DEALWIRE_DATABASE": str(self.settings.database),
            "DEALWIRE_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
            "DEALWIRE_UPDATE_RATES": "false",
            "DEALWIRE_WEBSUB_CALLBACK": f"http://127.0.0.1:{self.port}",
            **({"PREFECT_API_URL": server} if server else {}),
            **(more or {}),
        }
        self.log = folder / "up.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._known: tuple[object, dict[int, str]] | None = None

    def add_feed(self) -> None:
        """Let the warehouse know the site's feed."""
        feed = Feed(feed_id=feed_id(self.wire.feed), url=self.wire.feed, added_at=datetime.now(UTC))
        with warehouse(self.settings).write() as con:
            load.store_feeds(con, [feed])

    def dealwire(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """What a command of dealwire says."""
        command = [sys.executable, "-P", "-c", "from dealwire.cli import main; main()", *words]
        return subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False
        )

    def start(self, *words: str) -> float:
        """Start it, and wait until everything runs; the seconds that took."""
        started = time.monotonic()
        command = [sys.executable, "-P", "-c", "from dealwire.cli import main; main()", "up", "--log-format", "json"]
        own = ["--own-server", "--server-port", self.api_url.rsplit(":", 1)[1].removesuffix("/api")]
        command += [*(["--no-server"] if self._joins else own), "--port", str(self.port), *words]
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

    def subscribe(self) -> None:
        """Wait until the hub delivers."""
        self.until(lambda: self.records("hubs"), 40, "the hub to be asked")
        self.until(lambda: call(self.wire.hub)[1].count(b"verified"), 20, "the hub to verify")

    def pid(self, part: str) -> int:
        return int(self.state()["parts"][part]["pid"])

    def records(self, event: str) -> list[dict[str, Any]]:
        """What was logged of a kind."""
        found: list[dict[str, Any]] = []
        for line in self.log.read_text(encoding="utf-8").splitlines():
            # A disk that was full has cut some of them.
            with suppress(json.JSONDecodeError):
                found.append(json.loads(line))
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
        store = warehouse(self.settings)
        # Who asks all the time keeps others from writing, so it is asked again only when something was written.
        mark = store.mark()
        if self._known is None or self._known[0] != mark:
            with store.read() as con:
                self._known = mark, dict(con.execute(query).fetchall())
        return self._known[1]

    def told(self, event: str) -> list[dict[str, Any]]:
        """The events of a kind at the server, oldest first."""
        found: list[dict[str, Any]] = []
        # If nothing is said, a server whose clock was set back shows nothing from before.
        now = datetime.now(UTC)
        times = {"since": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(days=1)).isoformat()}
        what = {"event": {"name": [event]}, "occurred": times, "order": "ASC"}
        wanted: dict[str, Any] = {"filter": what, "limit": 50}
        # It is patient with a busy server, and reads no certificates, which takes longer than the answer.
        with httpx.Client(timeout=120, verify=False) as client:
            answer = client.post(f"{self.api_url}/events/filter", json=wanted).json()
            while True:
                found += answer["events"]
                if not answer.get("next_page"):
                    return found
                answer = client.get(answer["next_page"]).json()

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


class Receiver(http.server.ThreadingHTTPServer):
    """Takes the calls of a webhook on loopback: headers in lower case, and bodies."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.url = f"http://127.0.0.1:{self.server_port}/hook"
        self.calls: list[tuple[dict[str, str], bytes]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def alliances(self, secret: str) -> list[str]:
        """The alliances that the calls tell of, in their order; each call has to be signed."""
        found = []
        for headers, body in self.calls:
            signed = webhook.signature(secret, headers["webhook-id"], headers["webhook-timestamp"], body)
            assert headers["webhook-signature"] == signed
            found.append(json.loads(body)["data"]["alliance_id"])
        return found


class _Hook(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@contextmanager
def running_hub() -> Iterator[str]:
    """A WebSub hub in a process of its own; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.feeds.hub"],
        cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    assert process.stdin is not None
    process.stdin.close()
    process.wait(10)
