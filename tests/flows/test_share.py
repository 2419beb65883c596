"""Sharing the work: every article is in one run, and those of a run that was lost are in another one."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flow_engine import run_flow
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Running
from prefect.types.entrypoint import EntrypointType

from dealwire import shares
from dealwire.opening import warehouse
from dealwire.settings import Settings, load
from dealwire.warehouse import load as loading
from flows import tasks
from flows.share import _submit, extract_share, share
from schemas import Article, content_id
from schemas.errors import InvalidInput
from tests.postgres import Postgres

pytestmark = pytest.mark.xdist_group("prefect")

NOW = datetime(2025, 11, 18, tzinfo=UTC)
TEXT = "Wire\n\nNVIDIA will invest ${n} billion in OpenAI, the companies said on Tuesday."


@pytest.fixture
def shared(
    api_url: str, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Settings, str]]:
    """A lake with three articles and shares of one, and the name of the deployment whose runs they are."""
    lake = postgres.lake(tmp_path / "rows")
    monkeypatch.setenv("DEALWIRE_DATABASE", lake.address.whole)
    monkeypatch.setenv("DEALWIRE_DATA_PATH", str(tmp_path / "rows"))
    monkeypatch.setenv("DEALWIRE_BATCH", "1")
    monkeypatch.setenv("DEALWIRE_ENCODER", "false")
    monkeypatch.setenv("DEALWIRE_PROCESSES", "1")
    monkeypatch.chdir(tmp_path)
    settings = load()
    with warehouse(settings).write() as con:
        urls = [f"https://wire.example/{n}" for n in range(1, 4)]
        made = [
            Article(
                article_id=content_id(url), url=url, site="wire.example", text=TEXT.format(n=n), read_status="page",
                published_at=NOW, first_seen_at=NOW + timedelta(minutes=n),
            )
            for n, url in enumerate(urls, 1)
        ]  # fmt: skip
        loading.store_articles(con, made)
    with tasks.here(api_url):
        deployment = extract_share.to_deployment(lake.address.name, entrypoint_type=EntrypointType.MODULE_PATH)
        deployment.apply()
        yield settings, f"extract-share/{lake.address.name}"
    lake.close()


def test_each_article_is_shared_once_and_again_when_its_run_is_lost(
    shared: tuple[Settings, str], ask: Callable[..., Any], postgres: Postgres
) -> None:
    settings, deployment = shared
    assert share(deployment=deployment) == 3
    assert share(deployment=deployment) == 0
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(deployment).id
        runs = sorted(ask("flow_runs", deployment_id=str(found)), key=lambda run: str(run["expected_start_time"]))
        first, second, third = (client.read_flow_run(UUID(run["id"])) for run in runs)
        # Nobody finds a password in Prefect.
        assert postgres.password not in str(runs)
        assert {run.parameters["database"] for run in (first, second, third)} == {settings.place}
        long_ago = Running()
        long_ago.timestamp = datetime.now(UTC) - timedelta(hours=2)  # type: ignore[misc]
        client.set_flow_run_state(first.id, long_ago, force=True)
    run_flow(extract_share, flow_run=second, parameters=second.parameters, return_type="state")
    assert share(deployment=deployment, longest_minutes=0.0001) == 1
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(first.id).state_type == "CRASHED"
        assert client.read_flow_run(second.id).state_type == "COMPLETED"
        (again,) = (
            run
            for run in map(client.read_flow_run, (UUID(one["id"]) for one in ask("flow_runs")))
            if run.deployment_id == found and run.id not in (first.id, second.id, third.id)
        )
    assert again.parameters["articles"] == first.parameters["articles"]
    # The one that was thought to be lost comes back and does its work, too.
    for run in (third, again, first):
        run_flow(extract_share, flow_run=run, parameters=run.parameters, return_type="state")
    assert extract_share(articles=first.parameters["articles"]).articles == 0
    assert share(deployment=deployment) == 0
    with warehouse(settings).read() as con:
        counts = "SELECT count(*), count(DISTINCT record_id), count(DISTINCT article_id) FROM money_mentions"
        assert con.execute(counts).fetchone() == (3, 3, 3)
        assert con.execute("SELECT count(*) FROM companies WHERE last_seen IS NOT NULL").fetchone() == (2,)


def test_a_deployment_that_is_not_there_is_named(shared: tuple[Settings, str]) -> None:
    with pytest.raises(InvalidInput, match=r"no deployment extract-share/none; `prefect deploy"):
        share(deployment="extract-share/none")


def test_an_archive_is_cut_into_its_files(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.warc.gz", "d.png"):
        (tmp_path / name).write_bytes(b"")
    assert shares.sources(str(tmp_path)) == [str(tmp_path / "a.jsonl"), str(tmp_path / "b.warc.gz")]
    for whole in ("https://news.example/", str(tmp_path / "a.jsonl")):
        assert shares.sources(whole) == [whole]
    (tmp_path / "c.html").write_bytes(b"")
    assert shares.sources(str(tmp_path)) == [str(tmp_path)]


def test_a_server_that_is_not_available_for_a_while_is_asked_again(
    shared: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, name = shared
    answers = [503, 503, 201]

    class Busy(httpx.BaseTransport):
        def __init__(self, real: httpx.BaseTransport) -> None:
            self._real = real

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("create_flow_run") and answers and answers.pop(0) == 503:
                return httpx.Response(503, json={"exception_message": "Service Unavailable"})
            return self._real.handle_request(request)

    monkeypatch.setattr("flows.share._PAUSES", (0, 0))
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}), get_client(sync_client=True) as client:
        client._client._transport = Busy(client._client._transport)
        found = client.read_deployment_by_name(name)
        _submit(client, found.id, settings, None, {"articles": ["a"], "seconds": 1}, "a key of the test")
        assert answers == []
        answers += [503] * 3
        with pytest.raises(PrefectHTTPStatusError, match="503"):
            _submit(client, found.id, settings, None, {"articles": ["b"], "seconds": 1}, "another key")
