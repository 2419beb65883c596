"""Prefect servers: the one that is configured, and a temporary one of our own.

Nothing here imports Prefect, so that light commands may ask whether a server is there.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from schemas.errors import PrefectUnavailable

_START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_TELL_EVERY_SECONDS = 2.0

# The server ends when its standard input does, that is when we are killed before we could stop it and tidy up.
_CHILD = """
import os, shutil, signal, sys, threading
def watch():
    sys.stdin.buffer.read()
    if "DEALWIRE_KEEP" not in os.environ:
        shutil.rmtree(os.environ["PREFECT_HOME"], ignore_errors=True)
    os.kill(os.getpid(), signal.SIGTERM)
threading.Thread(target=watch, daemon=True).start()
from prefect.cli import app
app()
"""


def configured_url() -> str | None:
    """The API address Prefect would use here, without importing it; None when no server is configured.

    Looks where Prefect does, in its order: PREFECT_API_URL, `prefect.toml`, `pyproject.toml`, the active profile.
    """
    if url := os.environ.get("PREFECT_API_URL"):
        return url
    in_project = _table(Path("pyproject.toml"), "tool", "prefect")
    for settings in (_table(Path("prefect.toml")), in_project):
        api = settings.get("api")
        if isinstance(api, dict) and isinstance(api.get("url"), str):
            return str(api["url"])
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    file = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser()
    active = os.environ.get("PREFECT_PROFILE") or _table(file).get("active")
    url = _table(file, "profiles", str(active)).get("PREFECT_API_URL")
    return url if isinstance(url, str) and url else None


def reachable(api_url: str, *, seconds: float = 1.0) -> bool:
    """True when a Prefect server answers at this address in time."""
    import httpx

    try:
        # To read the certificates takes longer than to ask, and a plain address needs none.
        plain = api_url.startswith("http://")
        answer = httpx.get(
            f"{api_url.rstrip('/')}/health", timeout=seconds, trust_env=not _is_local(api_url), verify=not plain
        )
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    # Prefect Cloud wants a key even for its health page, which is an answer, too.
    return answer.is_success or answer.status_code in (401, 403)


@contextmanager
def temporary_server(on_wait: Callable[[str], None] = lambda doing: None) -> Iterator[str]:
    """A Prefect server of our own on a free loopback port; gives its API address and stops it at the end.

    `on_wait` is told what is being waited for, at least every 2 s. The first start makes Prefect's database (about
    15 s on two slow cores), later ones copy it from the user's cache. The server's data is dropped at the end; no
    process stays behind, not even when this one is killed. Raises `PrefectUnavailable` if the server does not start.
    """
    with tempfile.TemporaryDirectory(prefix="dealwire-prefect-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        try:
            process, url = _start(home, on_wait, from_template=_copy_template(home))
        except PrefectUnavailable as first:
            # Another program may have taken the port, or the cached database may be damaged: once more without it.
            with suppress(OSError):
                _template().unlink(missing_ok=True)
            for leftover in home.glob("prefect.db*"):
                leftover.unlink()
            on_wait(f"{first}; trying once more")
            process, url = _start(home, on_wait, from_template=False)
        try:
            _save_template(home)
            yield url
        finally:
            _stop(process)


def command(port: int) -> list[str]:
    """How a server of our own on this loopback port is started; it ends when its standard input does."""
    return [sys.executable, "-c", _CHILD, "server", "start", "--host", "127.0.0.1", "--port", str(port)]


def environment(home: Path) -> dict[str, str]:
    """What a server of our own that keeps its data in `home`, and shows its page, is started with.

    Makes the folder; a new one gets the migrated database from the user's cache, if there is one.
    """
    home.mkdir(exist_ok=True, mode=0o700)
    if not (home / "prefect.db").exists():
        _copy_template(home)
    return _environment(os.environ, home) | {"PREFECT_SERVER_UI_ENABLED": "true", "DEALWIRE_KEEP": "1"}


def _start(home: Path, on_wait: Callable[[str], None], *, from_template: bool) -> tuple["subprocess.Popen[bytes]", str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}/api"
    log = home / "server.log"
    doing = (
        "starting a Prefect server" if from_template else "starting a Prefect server, the first time on this machine"
    )
    on_wait(doing)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            command(port),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(os.environ, home),
            cwd=home,
            # Ctrl-C on the terminal goes to us alone; we stop the server when we are done with it.
            start_new_session=True,
        )
    try:
        started = told = time.monotonic()
        while not reachable(url, seconds=0.4):
            now = time.monotonic()
            if process.poll() is not None:
                raise PrefectUnavailable(f"the server ended with code {process.returncode}: {_last_line(log)}")
            if now - started > _START_SECONDS:
                raise PrefectUnavailable(f"no answer after {_START_SECONDS:g} s: {_last_line(log)}")
            if now - told > _TELL_EVERY_SECONDS - 0.6:
                on_wait(f"{doing}: {now - started:.0f} s")
                told = now
            time.sleep(0.2)
    except BaseException:
        _stop(process)
        raise
    return process, url


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, then SIGKILL for what is left of its group; a second Ctrl-C only shortens the wait."""
    try:
        process.terminate()
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin:
            process.stdin.close()


def _environment(outer: Mapping[str, str], home: Path) -> dict[str, str]:
    """The outer environment without its Prefect settings, which are meant for another server."""
    return {name: value for name, value in outer.items() if not name.startswith("PREFECT_")} | {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }


def _template() -> Path:
    """Where the migrated database of this Prefect version is kept."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return cache / "dealwire" / f"prefect-{version('prefect')}.db"


def _copy_template(home: Path) -> bool:
    try:
        (home / "prefect.db").write_bytes(_template().read_bytes())
    except OSError:
        return False
    return True


def _save_template(home: Path) -> None:
    """Keep the migrated database for later starts. A cache that cannot be written costs time only."""
    template = _template()
    if template.exists():
        return
    with suppress(OSError, sqlite3.Error):
        template.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=template.parent) as folder:
            whole = Path(folder) / template.name
            # A copy of the file alone would miss what still sits in the write-ahead log.
            with closing(sqlite3.connect(home / "prefect.db", timeout=10)) as db:
                db.execute("VACUUM INTO ?", (str(whole),))
            whole.replace(template)


def free_port(wanted: int = 0) -> int:
    """The port, if nobody listens there on loopback; else any other."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise PrefectUnavailable("no port is free")


def _is_local(url: str) -> bool:
    from urllib.parse import urlsplit

    with suppress(ValueError):
        return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
    return False


def _table(path: Path, *keys: str) -> dict[str, Any]:
    """A table of a TOML file; empty when the file or the table is missing or broken, as Prefect will say better."""
    try:
        found: Any = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    for key in keys:
        found = found.get(key, {}) if isinstance(found, dict) else {}
    return found if isinstance(found, dict) else {}


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((json.dumps(line, ensure_ascii=False) for line in reversed(lines) if line), "it printed nothing")
