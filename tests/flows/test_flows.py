"""The flows over steps that are stood in for: what Prefect adds to them."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from dealwire import steps
from dealwire.settings import Settings
from flows import tasks
from flows.link import link
from flows.pipeline import run_pipeline
from schemas import ExtractReport, LinkReport, PollReport, ReadReport
from schemas.errors import InvalidInput, PrefectUnavailable, WarehouseLocked

pytestmark = pytest.mark.xdist_group("prefect")

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Settings]]:
    """The steps, each giving a report at once; the list says which were called with which settings."""
    calls: list[tuple[str, Settings]] = []

    def stand_in(name: str, report: object) -> None:
        def step(settings: Settings, *, progress: steps.Progress | None = None, **_: object) -> object:
            calls.append((name, settings))
            if progress:
                progress(name, 1, 1)
            return report

        monkeypatch.setattr(steps, name, step)

    stand_in("poll", PollReport(feeds=3, failed=1, new_articles=2, errors=("a|b <c> did not answer",)))
    stand_in("read", ReadReport(articles=2, from_page=2))
    stand_in("extract", ExtractReport(articles=2, records={"companies": 9, "deals": 1}))
    stand_in("link", LinkReport(claims=1, deals=1, alliances=1, new_deals=1, new_alliances=1))
    return calls


def test_the_pipeline_runs_the_steps_in_order_with_the_settings_of_the_caller(
    api_url: str, settings: Settings, told: list[tuple[str, Settings]]
) -> None:
    progress: list[str] = []
    report = run_pipeline(settings, progress=lambda stage, done, total: progress.append(stage), api_url=api_url)
    assert [name for name, _ in told] == progress == ["poll", "read", "extract", "link"]
    assert all(used is settings for _, used in told)
    assert report.under == "prefect"
    assert (report.poll.new_articles, report.extract.articles, report.link.new_alliances) == (2, 2, 1)


def test_runs_are_named_after_flow_and_warehouse_and_end_with_what_they_did(
    api_url: str, settings: Settings, ask: Ask
) -> None:
    run_pipeline(settings, api_url=api_url)
    for flow, message in {
        "pipeline": "2 new articles, 1 new alliances",
        "ingest": "3 feeds polled, 2 new articles, 2 texts",
        "extract": "2 articles, 10 records",
        "link": "1 new deals, 1 new alliances",
    }.items():
        (run,) = ask("flow_runs", name=f"{flow} into {settings.database.name}: {message}")
        assert (run["state"]["type"], run["state"]["message"]) == ("COMPLETED", message)


def test_every_flow_leaves_its_report_as_a_table(api_url: str, settings: Settings, ask: Ask) -> None:
    run_pipeline(settings, api_url=api_url)
    (run,) = [one for one in ask("flow_runs") if one["name"].startswith(f"ingest into {settings.database.name}")]
    (report,) = ask("artifacts", key="ingest-report", flow_run_id=run["id"])
    assert report["type"] == "table"
    assert {"what": "new articles", "count": 2} in json.loads(report["data"])
    assert "- a\\|b &lt;c&gt; did not answer" in report["description"]
    for key in ("extract-report", "link-report", "pipeline-report"):
        assert any(str(settings.database) in one["description"] for one in ask("artifacts", key=key))


@pytest.mark.parametrize(
    ("error", "tries"),
    [(WarehouseLocked("x.duckdb", "another program", 1), 3), (InvalidInput("that cannot be used"), 1)],
    ids=["retryable", "final"],
)
def test_only_retryable_errors_are_tried_again_and_come_through_as_they_are(
    monkeypatch: pytest.MonkeyPatch, api_url: str, settings: Settings, error: Exception, tries: int
) -> None:
    calls = []

    def fails(settings: Settings, **_: object) -> LinkReport:
        calls.append(settings)
        raise error

    monkeypatch.setattr(steps, "link", fails)
    at_once = tasks.as_task("link", pauses=(0, 0))
    monkeypatch.setattr(tasks, "link", at_once(lambda settings: tasks.steps.link(settings)))
    with tasks.here(api_url), pytest.raises(type(error)) as raised:
        link(database=str(settings.database))
    assert str(raised.value) == str(error)
    assert len(calls) == tries


def test_a_step_that_succeeds_on_the_second_try_completes_the_run(
    monkeypatch: pytest.MonkeyPatch, api_url: str, settings: Settings
) -> None:
    answers = [WarehouseLocked("x.duckdb", "another program", 1), LinkReport(deals=4)]

    def step(settings: Settings, **_: object) -> LinkReport:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(steps, "link", step)
    at_once = tasks.as_task("link", pauses=(0, 0))
    monkeypatch.setattr(tasks, "link", at_once(lambda settings: tasks.steps.link(settings)))
    with tasks.here(api_url):
        assert link(database=str(settings.database)).deals == 4


def test_prefect_keeps_off_the_terminal_while_warnings_of_others_stay(api_url: str, settings: Settings) -> None:
    seen: list[str] = []

    class Terminal(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(record.name)

    terminal = Terminal()
    logging.getLogger().addHandler(terminal)
    try:
        run_pipeline(settings, api_url=api_url)
        with tasks.quiet():
            logging.getLogger("elsewhere").warning("of interest")
    finally:
        logging.getLogger().removeHandler(terminal)
    assert "elsewhere" in seen
    assert not [name for name in seen if name.startswith("prefect")]


def test_a_lost_server_is_one_clear_error(settings: Settings) -> None:
    with pytest.raises(PrefectUnavailable, match="dealwire run --inline"):
        run_pipeline(settings, api_url="http://127.0.0.1:9/api")
