"""An archive that a task runner reads: every article once, by processes of Prefect's own and by Dask's."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from dealwire.opening import warehouse
from dealwire.settings import Settings, load
from dealwire.warehouse import load as loading
from flows import tasks
from flows.archive import extract_archive, runner
from schemas import Article, content_id
from schemas.errors import InvalidInput
from tests.postgres import Postgres

pytestmark = pytest.mark.xdist_group("prefect")

NOW = datetime(2025, 11, 18, tzinfo=UTC)
MANY = 12


@pytest.fixture
def archive(api_url: str, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A lake with articles that wait to be read; all processes find it by the environment."""
    lake = postgres.lake(tmp_path / "rows")
    given = {"DATABASE": lake.address.whole, "DATA_PATH": str(tmp_path / "rows"), "BATCH": "3", "ENCODER": "false"}
    for name, value in (given | {"PROCESSES": "1"}).items():
        monkeypatch.setenv(f"DEALWIRE_{name}", value)
    monkeypatch.chdir(tmp_path)
    settings = load()
    text = "Wire\n\nNVIDIA will invest ${n} billion in OpenAI, the companies said on Tuesday."
    with warehouse(settings).write() as con:
        urls = [f"https://wire.example/{n}" for n in range(1, MANY + 1)]
        made = [
            Article(
                article_id=content_id(url), url=url, site="wire.example", text=text.format(n=n), read_status="page",
                published_at=NOW, first_seen_at=NOW,
            )
            for n, url in enumerate(urls, 1)
        ]  # fmt: skip
        loading.store_articles(con, made)
    with tasks.here(api_url):
        yield settings
    lake.close()


@pytest.mark.parametrize("name", ["processes:2", "dask"])
def test_every_article_is_read_once(archive: Settings, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("DEALWIRE_TASK_RUNNER", name)
    report = extract_archive()
    assert (report.articles, report.records["money"], report.failed) == (MANY, MANY, 0)
    with warehouse(archive).read() as con:
        counts = "SELECT count(*), count(DISTINCT record_id), count(DISTINCT article_id) FROM money_mentions"
        assert con.execute(counts).fetchone() == (MANY, MANY, MANY)
        assert con.execute("SELECT count(*) FROM companies WHERE last_seen IS NOT NULL").fetchone() == (2,)
    assert extract_archive().articles == 0


def test_a_file_and_a_runner_that_is_not_installed_are_told(settings: Settings, api_url: str) -> None:
    with tasks.here(api_url), tasks.reporting(None, settings), pytest.raises(InvalidInput, match="DuckLake"):
        extract_archive()
    with pytest.raises(InvalidInput, match="pip install prefect-ray"):
        runner(settings.model_copy(update={"task_runner": "ray"}))
    with pytest.raises(ValidationError, match="task_runner"):
        Settings(task_runner="slurm")
