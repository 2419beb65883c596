"""The flow `extract_archive`: an archive on a DuckLake is read by a task runner that the settings name: Dask, Ray.

Each task is a share of the articles and stores what it has found. What a worker that died has not done is cut into
shares again, as long as that brings something.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from prefect import flow, task, unmapped
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import ProcessPoolTaskRunner, TaskRunner

from dealwire import shares
from dealwire.settings import Settings
from flows import artifacts, sending, tasks
from schemas import ExtractReport
from schemas.errors import InvalidInput


@flow(name="extract-archive", flow_run_name=tasks.name)
def extract_archive(database: str | None = None, config: str | None = None, most: int = 1_000_000) -> ExtractReport:
    """Run every extractor over at most so many of the articles that wait for it, by the task runner of the settings."""
    settings = tasks.settings(database, config)
    if settings.lake is None:
        raise InvalidInput(
            "a database file lets one process write at a time, so `extract` reads it with several that write nothing; "
            "a task runner is for a DuckLake (docs/operate.md, Several machines)"
        )
    spread = read_shares.with_options(task_runner=runner(settings))
    reports: list[ExtractReport] = []
    warnings: list[str] = []
    while True:
        cut, told = shares.cut(settings, taken=(), ended={}, most=most - sum(one.articles for one in reports))
        warnings += told
        found, lost = spread([one.articles for one in cut], settings.place, config) if cut else ([], [])
        reports += found
        if not lost or not any(one.articles for one in found):
            break
        warnings += lost
    # What is done once for all shares.
    tasks.extract(settings, most=0)
    report = _sum(reports, [*warnings, *lost])
    sending.send(settings)
    counts = {"articles": report.articles, **report.records, "failed": report.failed}
    artifacts.publish("extract-archive-report", "Extract an archive", settings, counts, report.warnings)
    return tasks.done(report, f"{report.articles} articles, {sum(report.records.values())} records")


@flow(name="read-shares", validate_parameters=False)
def read_shares(articles: list[list[str]], database: str, config: str | None) -> tuple[list[ExtractReport], list[str]]:
    """A report of each share that was read, and what to tell of the others."""
    futures: list[PrefectFuture[Any]] = list(read_share.map(articles, unmapped(database), unmapped(config)))
    found, lost = [], []
    for future in futures:
        future.wait()
        state = future.state
        if state.is_completed():
            found.append(ExtractReport.model_validate(state.result()))
        else:
            lost.append(f"a share was not read: {state.message or state.name}"[:300])
    return found, lost


@task(name="read a share", cache_policy=NO_CACHE, persist_result=False)
def read_share(articles: list[str], database: str, config: str | None) -> dict[str, Any]:
    """Run the extractors over these articles, in whatever process; its report."""
    from dealwire import steps

    return steps.extract(tasks.settings(database, config), only=articles).model_dump(mode="json")


def runner(settings: Settings) -> TaskRunner[Any]:
    """The task runner that `task_runner` names. Raises `InvalidInput` if its package is not installed."""
    name, _, address = settings.task_runner.partition(":")
    if name == "processes":
        return ProcessPoolTaskRunner(max_workers=int(address) if address else None)
    if find_spec(f"prefect_{name}") is None:
        raise InvalidInput(
            f"task_runner is {settings.task_runner}: pip install prefect-{name}, here and on each machine"
        )
    made: TaskRunner[Any]
    if name == "ray":
        made = import_module("prefect_ray").RayTaskRunner(address=address or None)
        return made
    own = {"processes": True, "threads_per_worker": 1, "dashboard_address": None}
    given = {"address": address} if address else {"cluster_kwargs": own}
    made = import_module("prefect_dask").DaskTaskRunner(**given)
    return made


def _sum(reports: list[ExtractReport], warnings: list[str]) -> ExtractReport:
    records: dict[str, int] = {}
    for one in reports:
        for name, count in one.records.items():
            records[name] = records.get(name, 0) + count
    return ExtractReport(
        articles=sum(one.articles for one in reports),
        records=records,
        failed=sum(one.failed for one in reports),
        errors=tuple(error for one in reports for error in one.errors)[:1000],
        later=sum(one.later for one in reports),
        warnings=tuple(dict.fromkeys([*warnings, *(line for one in reports for line in one.warnings)])),
    )
