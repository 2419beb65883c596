"""However a pass is run, and however often it is killed, the same rows lie in the warehouse at the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dealwire.demo.serve import Site, serving

# Everything but times and ids of polls, which tell of the run and not of the news.
QUESTIONS = {
    "articles": "SELECT article_id, url, text_hash, read_status, revision FROM articles",
    "entries": "SELECT feed_id, url, title FROM entries",
    "mentions": "SELECT article_id, label, start_char, end_char, entity FROM mentions",
    "claims": "SELECT article_id, kind, status, payers, payees, amount_min, amount_max, start_char FROM deal_claims",
    "deals": "SELECT deal_id, alliance_id, kind, status, usd_min, usd_max, sources FROM deals",
    "sources": "SELECT deal_id, claim_id, article_id, best FROM deal_sources",
    "alliances": "SELECT alliance_id, title, announced_on, deals, sources FROM alliances",
}


def dealwire(folder: Path, site: Site, *words: str, **environment: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", "from dealwire.cli import main; main()", *words]
    reach = ",".join(f"{host}={place}" for host, place in site.connect_to.items())
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "DEALWIRE"))}
    env |= {"DEALWIRE_CONNECT_TO": reach, "DEALWIRE_DATABASE": str(folder / "same.duckdb"), **environment}
    return subprocess.Popen(command, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def run(folder: Path, site: Site, *words: str, **environment: str) -> str:
    process = dealwire(folder, site, *words, **environment)
    told, _ = process.communicate(timeout=200)
    assert process.returncode == 0, told
    return told


def prepared(folder: Path, site: Site) -> Path:
    folder.mkdir()
    run(folder, site, "feeds", "add", "--no-check", *site.feeds)
    return folder


def rows(folder: Path) -> dict[str, list[str]]:
    with duckdb.connect(str(folder / "same.duckdb"), read_only=True) as con:
        return {name: sorted(map(str, con.execute(query).fetchall())) for name, query in QUESTIONS.items()}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def plain(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    folder = prepared(tmp_path_factory.mktemp("plain") / "one", site)
    assert "in this process" in run(folder, site, "run", "--inline")
    found = rows(folder)
    assert len(found["articles"]) >= 30
    assert len(found["deals"]) >= 12
    assert "nothing new" in run(folder, site, "run", "--inline", "--all")
    assert rows(folder) == found
    return found


@pytest.mark.xdist_group("prefect")
def test_a_given_prefect_server_gives_the_same_rows(
    site: Site, plain: dict[str, list[str]], api_url: str, tmp_path: Path
) -> None:
    folder = prepared(tmp_path / "server", site)
    assert api_url in run(folder, site, "run", PREFECT_API_URL=api_url)
    assert rows(folder) == plain


@pytest.mark.xdist_group("prefect")
def test_a_pass_that_is_killed_again_and_again_ends_with_the_same_rows(
    site: Site, plain: dict[str, list[str]], tmp_path: Path
) -> None:
    folder = prepared(tmp_path / "killed", site)
    killed = 0
    for seconds in (0.7, 1.2, 1.8, 2.5, 3.3, 4.2):
        process = dealwire(folder, site, "run", "--inline", "--all")
        time.sleep(seconds)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
    assert killed >= 2
    run(folder, site, "run", "--inline", "--all")
    assert rows(folder) == plain
