"""A Prefect server of our own: started, told of, stopped, whatever happens."""

import contextlib
import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealwire import prefect_server
from schemas.errors import PrefectUnavailable

pytestmark = pytest.mark.xdist_group("prefect")

_WAITS = """
import sys, time
from dealwire.prefect_server import temporary_server
with temporary_server() as url:
    print(url, flush=True)
    time.sleep(600)
"""


def processes_of(url: str) -> list[str]:
    """Living processes that serve this address, as `ps` prints them."""
    port = url.split(":")[2].split("/")[0]
    listed = subprocess.run(["ps", "-eo", "stat,args", "-ww"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if f"--port {port}" in line and not line.startswith("Z")]


def test_a_damaged_cached_database_is_replaced_and_the_wait_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    template = prefect_server._template()
    template.parent.mkdir()
    template.write_bytes(b"no database at all " * 1000)
    told: list[float] = [time.monotonic()]
    with prefect_server.temporary_server(lambda doing: told.append(time.monotonic())) as url:
        told.append(time.monotonic())
        assert prefect_server.reachable(url)
        assert processes_of(url)
    assert not processes_of(url)
    assert max(later - before for before, later in itertools.pairwise(told)) < 3
    with contextlib.closing(sqlite3.connect(template)) as db:
        assert db.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM flow_run").fetchone() == (0,)
    assert [one.name for one in template.parent.iterdir()] == [template.name]


def test_an_exception_stops_the_server() -> None:
    with pytest.raises(KeyboardInterrupt), prefect_server.temporary_server() as url:
        raise KeyboardInterrupt
    assert not processes_of(url)


def test_a_program_that_is_killed_takes_its_server_and_its_folder_along(tmp_path: Path) -> None:
    words, environment = [sys.executable, "-c", _WAITS], os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as program:
        assert program.stdout
        url = program.stdout.readline().strip()
        assert processes_of(url)
        assert len(list(tmp_path.iterdir())) == 1
        os.kill(program.pid, signal.SIGKILL)
    end = time.monotonic() + 20
    while processes_of(url) and time.monotonic() < end:
        time.sleep(0.1)
    assert not processes_of(url)
    assert not list(tmp_path.iterdir())


def test_a_server_that_cannot_start_is_tried_twice_and_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(prefect_server, "_CHILD", "raise SystemExit('port is taken')")
    told: list[str] = []
    with pytest.raises(PrefectUnavailable, match="port is taken"), prefect_server.temporary_server(told.append):
        pass
    assert len([one for one in told if "trying once more" in one]) == 1


def test_settings_for_other_servers_do_not_reach_ours(tmp_path: Path) -> None:
    outer = {"PREFECT_API_URL": "https://elsewhere.example/api", "PREFECT_API_KEY": "secret", "PATH": "/bin"}
    inner = prefect_server._environment(outer, tmp_path)
    assert "PREFECT_API_URL" not in inner
    assert "PREFECT_API_KEY" not in inner
    assert inner["PATH"] == "/bin"
    assert inner["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_that_stays_silent_counts_as_unreachable_within_two_seconds(silent_port: int) -> None:
    started = time.monotonic()
    assert not prefect_server.reachable(f"http://127.0.0.1:{silent_port}/api")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/api", "no address", "http://[::1", ""])
def test_addresses_without_a_server_are_unreachable(url: str) -> None:
    assert not prefect_server.reachable(url)


_PROFILES = """
active = "{active}"
[profiles.ephemeral]
PREFECT_SERVER_ALLOW_EPHEMERAL_MODE = "true"
[profiles.local]
PREFECT_API_URL = "http://profile/api"
"""


@pytest.mark.parametrize(
    ("environment", "files", "url"),
    [
        ({}, {}, None),
        ({"PREFECT_API_URL": "http://env/api"}, {"prefect.toml": '[api]\nurl = "http://toml/api"'}, "http://env/api"),
        ({}, {"prefect.toml": '[api]\nurl = "http://toml/api"'}, "http://toml/api"),
        ({}, {"pyproject.toml": '[tool.prefect.api]\nurl = "http://project/api"'}, "http://project/api"),
        ({}, {"home/profiles.toml": _PROFILES.format(active="local")}, "http://profile/api"),
        ({}, {"home/profiles.toml": _PROFILES.format(active="ephemeral")}, None),
        (
            {"PREFECT_PROFILE": "local"},
            {"home/profiles.toml": _PROFILES.format(active="ephemeral")},
            "http://profile/api",
        ),
        ({}, {"home/profiles.toml": "not = = toml", "prefect.toml": "api = 3", "pyproject.toml": "tool = 1"}, None),
        ({}, {"home/profiles.toml": "profiles = 3\nactive = 'local'"}, None),
    ],
)
def test_the_configured_server_is_found_where_prefect_looks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    files: dict[str, str],
    url: str | None,
) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for path, text in files.items():
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert prefect_server.configured_url() == url


def test_asking_for_a_server_does_not_import_prefect() -> None:
    code = "import sys, dealwire.prefect_server as p; p.configured_url(); sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
