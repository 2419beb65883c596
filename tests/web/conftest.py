"""The page as a visitor sees it: the real app in a process of its own, on the sample site's data, in a real browser.

One warehouse is filled for all tests (rules alone, without the encoder), and nobody changes it: tests that do take a
copy of it, with a server of its own (`own_site`).
"""

import contextlib
import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions"]
_PATIENCE = 270
"""Seconds to wait for a server, on a slow and busy machine."""


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with all that the sample site tells; not to be changed.

    `SAMPLE_SITE_DATABASE` may name one that was filled before (`dealwire demo`), where filling takes too long.
    """
    if given := os.environ.get("SAMPLE_SITE_DATABASE"):
        return Path(given)
    base = tmp_path_factory.getbasetemp()
    # Processes that run tests beside one another share it.
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "sample-site"
    folder.mkdir(exist_ok=True)
    path = folder / "dealwire.duckdb"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _fill(folder / "filling.duckdb")
            (folder / "filling.duckdb").rename(path)
    return path


def _fill(path: Path) -> None:
    from datetime import UTC, datetime

    from dealwire import steps
    from dealwire.demo.serve import serving
    from dealwire.feeds import identity
    from dealwire.settings import Settings
    from dealwire.warehouse import load
    from schemas import Feed

    with serving() as site:
        settings = Settings(
            database=path, connect_to=site.connect_to, encoder=False, processes=1, fetch_delay_seconds=0
        )
        now = datetime.now(UTC)
        with steps.warehouse(settings).write() as con:
            feeds = [Feed(feed_id=identity.feed_id(url), url=url, added_at=now) for url in site.feeds]
            load.store_feeds(con, feeds)
        steps.run(settings, everything=True)


@dataclass
class Server:
    """A running `dealwire web`."""

    url: str
    database: Path
    process: "subprocess.Popen[str]"


Start = Callable[..., Server]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(database: Path, folder: Path, **settings: str) -> Iterator[Server]:
    """Run `dealwire web` on a database; settings are those of `DEALWIRE_…` variables, names in small letters."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DEALWIRE_")}
    environment |= {f"DEALWIRE_{name.upper()}": value for name, value in settings.items()}
    program = "from dealwire.cli import main; main()"
    words = [sys.executable, "-c", program, "web", "--port", str(port), "--db", str(database)]
    log = folder / f"web-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(words, cwd=folder, env=environment, stdout=out, stderr=out, text=True)
    try:
        give_up = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(OSError, urllib.error.HTTPError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/static/icon.svg", timeout=10).close()
                break
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < give_up, log.read_text()
            time.sleep(0.2)
        yield Server(f"http://127.0.0.1:{port}", database, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture(scope="session")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on the sample site's data; not to be changed."""
    with running(sample, tmp_path_factory.mktemp("web")) as server:
        yield server


@pytest.fixture
def own_site(sample: Path, tmp_path: Path) -> Iterator[Start]:
    """Starts the app on a copy that may be changed; give settings by name, as `web__admin`."""
    with contextlib.ExitStack() as stack:

        def start(**settings: str) -> Server:
            database = tmp_path / "own.duckdb"
            shutil.copy(sample, database)
            return stack.enter_context(running(database, tmp_path, **settings))

        yield start


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: apt-get install chromium")
    # For as long as it runs, Prefect takes this thread for one of asynchronous code: it ends with each module.
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=_FLAGS)
        yield started
        started.close()


@dataclass
class Visit:
    """A tab of the browser, and what went wrong in it."""

    tab: Page
    server: Server
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        """Open a page and wait until it is shown."""
        self.tab.goto(self.server.url + path)
        self.shown()
        return self.tab

    def shown(self) -> Page:
        """Wait until the page is built."""
        self.tab.locator("main h1").first.wait_for()
        return self.tab


@contextlib.contextmanager
def visiting(browser: Browser, server: Server, **context: object) -> Iterator[Visit]:
    """A tab with a context of its own. What a page logs as an error, or asks of others, fails the test."""
    opened = browser.new_context(**context)  # type: ignore[arg-type]
    opened.set_default_timeout(_PATIENCE * 1000)
    visit = Visit(opened.new_page(), server)

    def heard(message: ConsoleMessage) -> None:
        # A status such as 404 or 403 that a test asks for is an error to the browser, too.
        if message.type == "error" and not re.search("the server responded with a status of 4", message.text):
            visit.wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((server.url, server.url.replace("http", "ws", 1), "data:", "blob:")):
            visit.wrong.append(f"asked {request.url}")

    visit.tab.on("console", heard)
    visit.tab.on("pageerror", lambda error: visit.wrong.append(str(error)))
    visit.tab.on("request", asked)
    yield visit
    opened.close()
    assert visit.wrong == []


def serious(tab: Page) -> list[str]:
    """What axe finds wrong with the page for those who see, hear or move otherwise, if it is serious."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(tab).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def visit(browser: Browser, site: Server) -> Iterator[Visit]:
    """A tab on the sample site's data."""
    with visiting(browser, site) as opened:
        yield opened
