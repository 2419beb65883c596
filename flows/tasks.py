"""The steps as Prefect tasks, and what the flows share: settings, progress, retries, names."""

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    temporary_settings,
)
from prefect.states import Completed
from prefect.tasks import Task

from dealwire import steps
from dealwire.settings import Settings, load
from schemas import DealwireError, ExtractReport, LinkReport, PollReport, ReadReport, Retryable

R = TypeVar("R")

_progress: ContextVar[steps.Progress | None] = ContextVar("progress", default=None)
_given: ContextVar[Settings | None] = ContextVar("given", default=None)


@contextlib.contextmanager
def reporting(progress: steps.Progress | None, settings: Settings | None = None) -> Iterator[None]:
    """Flows called in this block report to `progress` and use `settings`, which flow parameters cannot carry."""
    told, used = _progress.set(progress), _given.set(settings)
    try:
        yield
    finally:
        _progress.reset(told)
        _given.reset(used)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Prefect's log lines stay off the terminal in this block; the server still gets those of runs."""

    def keep(record: logging.LogRecord) -> bool:
        return record.name.partition(".")[0] != "prefect"

    handlers = [*logging.getLogger().handlers, *logging.getLogger("prefect._internal").handlers]
    for handler in handlers:
        handler.addFilter(keep)
    try:
        yield
    finally:
        for handler in handlers:
            handler.removeFilter(keep)


@contextlib.contextmanager
def without_heartbeat() -> Iterator[None]:
    """Flows called in this block end a second earlier: Prefect joins a thread that sleeps in steps of 1 s."""
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield


@contextlib.contextmanager
def here(api_url: str | None = None) -> Iterator[None]:
    """Flows called in this block run under the server at `api_url`, or the configured one, for someone who waits."""
    # With Prefect's own five retries a call, a lost server is known after three and a half minutes.
    overrides: dict[Any, Any] = {PREFECT_CLIENT_MAX_RETRIES: 2}
    if api_url:
        overrides[PREFECT_API_URL] = api_url
    with quiet(), temporary_settings(overrides), without_heartbeat():
        yield


def settings(database: str | None, config: str | None) -> Settings:
    """The settings of a flow run: what the caller gave in this process, else the parameters over what is configured."""
    return _given.get() or load(Path(config) if config else None, database=Path(database) if database else None)


def name() -> str:
    """A run's name: the flow and the warehouse it works on, as "ingest into deals.duckdb"."""
    from prefect.runtime import flow_run

    try:
        given = settings(flow_run.parameters.get("database"), flow_run.parameters.get("config"))
    except DealwireError:
        # The flow itself says what is wrong, where Prefect shows it.
        return str(flow_run.flow_name)
    return f"{flow_run.flow_name} into {given.database.name}"


def done(report: R, message: str) -> R:
    """End a flow with its report as result and a message that the run list shows."""
    return cast(R, Completed(message=message, data=report))


def retryable(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """True for errors that a later try may not meet; all others would only fail again."""
    try:
        state.result()
    except Retryable:
        return True
    except Exception:
        return False
    return False


@task(
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
    cache_policy=NO_CACHE,
    task_run_name="poll the due feeds",
)
def poll(settings: Settings, *, everything: bool = False) -> PollReport:
    """Poll the due feeds."""
    return steps.poll(settings, progress=_progress.get(), everything=everything)


@task(
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
    cache_policy=NO_CACHE,
    task_run_name="read the pages of new articles",
)
def read(settings: Settings) -> ReadReport:
    """Read the pages of new articles."""
    return steps.read(settings, progress=_progress.get())


@task(
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
    cache_policy=NO_CACHE,
    task_run_name="extract records from pending articles",
)
def extract(settings: Settings) -> ExtractReport:
    """Extract records from pending articles."""
    return steps.extract(settings, progress=_progress.get())


@task(
    retries=2,
    retry_delay_seconds=[5, 30],
    retry_condition_fn=retryable,
    cache_policy=NO_CACHE,
    task_run_name="link claims into deals and alliances",
)
def link(settings: Settings) -> LinkReport:
    """Link claims into deals and alliances."""
    return steps.link(settings, progress=_progress.get())
