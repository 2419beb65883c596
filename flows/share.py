"""The flows `share` and `share_backfill`: work is cut into runs of a work pool, which several machines take from.

The queue is Prefect's own: a share is a run of a deployment with a key, so the same share is not submitted twice. What
a run has not done when it is over, because its worker has died or its machine is gone, is cut into shares anew. Where
two runs read one article nevertheless, the second one's records take the place of the first one's.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from httpx import codes
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Crashed, Scheduled

from dealwire import shares
from dealwire.settings import Settings
from flows import artifacts, sending, tasks
from schemas import ExtractReport
from schemas.errors import InvalidInput
from schemas.ids import content_id

_OPEN = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING]
_OVER = [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]
_BEGUN = (StateType.PENDING, StateType.RUNNING)
_PAGE = 200
_REMEMBERED = timedelta(days=1)
_PAUSES = (2, 5, 10, 20)
"""Seconds between tries to submit: on SQLite a server that many ask at once is not available for a while."""


class Runs(NamedTuple):
    """What the runs of a deployment have to do with articles."""

    taken: set[str]
    """Articles that a run has, or will have."""
    ended: dict[str, list[str]]
    """By article the runs that have had it and are over."""
    lost: int
    """Runs whose worker has died, by all appearance; they were closed."""


@flow(name="share", flow_run_name=tasks.name)
def share(
    database: str | None = None,
    config: str | None = None,
    deployment: str = "extract-share/extract-share",
    most: int = 20_000,
    longest_minutes: float = 30,
) -> int:
    """Submit the articles that wait for an extractor as runs of `deployment`, and again those of runs that were lost.

    A run that takes longer than `longest_minutes` counts as lost. Returns the number of runs submitted; at most so
    many that `most` articles are out at once.
    """
    settings = tasks.settings(database, config)
    with get_client(sync_client=True) as client:
        found = _deployment(client, deployment)
        runs = _runs(client, found, timedelta(minutes=longest_minutes))
        cut, warnings = shares.cut(settings, taken=runs.taken, ended=runs.ended, most=max(most - len(runs.taken), 0))
        for one in cut:
            given = {"articles": one.articles, "seconds": longest_minutes * 30}
            _submit(client, found, settings, config, given, one.key)
    counts = {"runs submitted": len(cut), "articles submitted": sum(len(one.articles) for one in cut)}
    counts |= {"articles under way": len(runs.taken), "runs lost and submitted again": runs.lost}
    artifacts.publish("share-report", "Share", settings, counts, warnings)
    return tasks.done(len(cut), f"{counts['articles submitted']} articles in {len(cut)} runs")


@flow(name="extract-share", flow_run_name=tasks.name)
def extract_share(
    articles: list[str], seconds: float | None = None, database: str | None = None, config: str | None = None
) -> ExtractReport:
    """Run every extractor over these articles, as far as it has not read them in its present version."""
    settings = tasks.settings(database, config)
    report = tasks.extract(settings, seconds=seconds, only=articles)
    sending.send(settings)
    counts = {"articles": report.articles, **report.records, "failed": report.failed}
    errors = (*report.warnings, *report.errors)
    artifacts.publish("extract-share-report", "Extract a share", settings, counts, errors)
    return tasks.done(report, f"{report.articles} articles, {sum(report.records.values())} records")


@flow(name="share-backfill", flow_run_name=tasks.name)
def share_backfill(
    source: str,
    database: str | None = None,
    config: str | None = None,
    deployment: str = "backfill/backfill",
    since: datetime | None = None,
    match: str | None = None,
) -> int:
    """Submit each file of an archive, in a folder that all machines share, as a run of `deployment`; how many runs.

    Submitted again within a day, a file whose run is under way or well done is left out, and one whose run has failed
    goes on where it was stopped.
    """
    settings = tasks.settings(database, config)
    parts = shares.sources(source)
    with get_client(sync_client=True) as client:
        found = _deployment(client, deployment)
        failed: dict[str, list[str]] = {}
        for run in _listed(client, found, [StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]):
            failed.setdefault(str(run.parameters.get("source")), []).append(str(run.id))
        for part in parts:
            given = {"source": part, "since": since.isoformat() if since else None, "match": match}
            over = sorted(failed.get(part, []))
            key = content_id("backfill", settings.place, datetime.now(UTC).date(), *given.values(), over)
            _submit(client, found, settings, config, given, key)
    artifacts.publish("share-backfill-report", f"Share {source}", settings, {"runs submitted": len(parts)})
    return tasks.done(len(parts), f"{len(parts)} files of {source}")


def _deployment(client: SyncPrefectClient, name: str) -> UUID:
    try:
        return client.read_deployment_by_name(name).id
    except ObjectNotFound as error:
        raise InvalidInput(
            f"there is no deployment {name}; `prefect deploy --all --prefect-file deployments/prefect.yaml` makes it"
        ) from error


def _submit(
    client: SyncPrefectClient, deployment: UUID, settings: Settings, config: str | None, given: dict[str, Any], key: str
) -> None:
    for pause in (*_PAUSES, None):
        try:
            client.create_flow_run_from_deployment(
                deployment,
                parameters={"database": settings.place, "config": config, **given},
                state=Scheduled(),
                idempotency_key=key,
                tags=["dealwire"],
            )
        except PrefectHTTPStatusError as error:
            if pause is None or error.response.status_code != codes.SERVICE_UNAVAILABLE:
                raise
            time.sleep(pause)
        else:
            return


def _runs(client: SyncPrefectClient, deployment: UUID, longest: timedelta) -> Runs:
    taken: set[str] = set()
    lost = 0
    for run in list(_listed(client, deployment, _OPEN)):
        begun = run.start_time or (run.state.timestamp if run.state else None)
        if run.state_type in _BEGUN and begun and datetime.now(UTC) - begun > longest:
            client.set_flow_run_state(run.id, Crashed(message="It has taken too long: its worker is lost."), force=True)
            lost += 1
        else:
            taken |= set(run.parameters.get("articles", ()))
    ended: dict[str, list[str]] = {}
    for run in _listed(client, deployment, _OVER):
        for article in run.parameters.get("articles", ()):
            ended.setdefault(article, []).append(str(run.id))
    return Runs(taken, ended, lost)


def _listed(client: SyncPrefectClient, deployment: UUID, states: list[StateType]) -> Iterator[FlowRun]:
    """The runs in these states, newest first; of those that are over, the ones of the last day."""
    over = states is not _OPEN
    since = FlowRunFilterExpectedStartTime(after_=datetime.now(UTC) - _REMEMBERED) if over else None
    in_state = FlowRunFilterState(type=FlowRunFilterStateType(any_=states))
    wanted = FlowRunFilter(state=in_state, expected_start_time=since)
    offset = 0
    while page := client.read_flow_runs(
        flow_run_filter=wanted,
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=_PAGE,
        offset=offset,
    ):
        yield from page
        offset += _PAGE
