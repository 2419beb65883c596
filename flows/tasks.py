"""The steps as Prefect tasks, and what the flows share: settings, progress, retries, names."""

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar, cast
from uuid import UUID

import httpx
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, TaskRun
from prefect.concurrency.sync import concurrency
from prefect.context import SyncClientContext, TagsContext
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
from dealwire.warehouse import outbox
from flows.begun import result
from schemas import (
    BackfillReport,
    DealwireError,
    ExtractReport,
    LinkReport,
    MaintainReport,
    NotifyReport,
    PollReport,
    PublishReport,
    ReadReport,
    Retryable,
)
from schemas.events import Event

P = ParamSpec("P")
R = TypeVar("R")

_progress: ContextVar[steps.Progress | None] = ContextVar("progress", default=None)
_given: ContextVar[Settings | None] = ContextVar("given", default=None)
_warm: ContextVar["Warm | None"] = ContextVar("warm", default=None)
# Events of one run that its report looks at.
_EVIDENCE = 200
_WITHOUT_HEARTBEAT: dict[Any, Any] = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}


class Warm:
    """What a process that stays keeps between runs: those that parse feeds and read pages. A context manager."""

    def __init__(self, settings: Settings) -> None:
        from dealwire.feeds.page_readers import PageReaders

        self.parsers, self.pages = steps.parsers(settings), PageReaders()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.parsers.__exit__(kind, error, trace)
        self.pages.__exit__(kind, error, trace)


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
def kept_warm(warm: Warm) -> Iterator[None]:
    """Flows called in this block use what is kept, and ask for no limit: who keeps it takes turns by itself."""
    token = _warm.set(warm)
    try:
        yield
    finally:
        _warm.reset(token)


def warm() -> bool:
    """Whether this runs in a process that stays, which sends events by itself."""
    return _warm.get() is not None


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
    with temporary_settings(_WITHOUT_HEARTBEAT):
        yield


@contextlib.contextmanager
def here(api_url: str | None = None) -> Iterator[None]:
    """Flows called in this block run under the server at `api_url`, or the configured one, for someone who waits."""
    # With Prefect's own five retries a call, a lost server is known after three and a half minutes.
    overrides: dict[Any, Any] = {PREFECT_CLIENT_MAX_RETRIES: 2, **_WITHOUT_HEARTBEAT}
    if api_url:
        overrides[PREFECT_API_URL] = api_url
    with quiet(), temporary_settings(overrides):
        yield


@contextlib.contextmanager
def one_client() -> Iterator[None]:
    """Runs and questions in this block share one client: each of its own would read all certificates again, 70 ms.

    Raises RuntimeError if no server answers.
    """
    with SyncClientContext.get_or_create():
        yield


def settings(database: str | None, config: str | None) -> Settings:
    """The settings of a flow run: what the caller gave in this process, else the parameters over what is configured."""
    return _given.get() or load(Path(config) if config else None, database=Path(database) if database else None)


def name() -> str:
    """A run's name while it works: the flow and the warehouse it works on, as "ingest into deals.duckdb"."""
    from prefect.runtime import flow_run

    try:
        given = settings(flow_run.parameters.get("database"), flow_run.parameters.get("config"))
    except DealwireError:
        # The flow itself says what is wrong, where Prefect shows it.
        return str(flow_run.flow_name)
    return f"{flow_run.flow_name} into {given.database.name}"


def done(report: R, message: str) -> R:
    """End a flow with its report as result and a message that the run list shows; its name says it, too."""
    from prefect.runtime import flow_run

    with contextlib.suppress(httpx.HTTPError), get_client(sync_client=True) as client:
        client.update_flow_run(UUID(str(flow_run.id)), name=f"{flow_run.name}: {message}"[:200])
    return cast(R, Completed(message=message, data=report))


def told(settings: Settings, since: int) -> list[Event]:
    """The events that were made after a position of the outbox."""
    store = steps.warehouse(settings)
    if not store.exists():
        return []
    with store.read() as con:
        return [one.event for one in outbox.after(con, since, limit=_EVIDENCE)]


def position(settings: Settings) -> int:
    """Where the outbox ends now; 0 without a warehouse."""
    store = steps.warehouse(settings)
    if not store.exists():
        return 0
    with store.read() as con:
        return outbox.last_position(con)


@contextlib.contextmanager
def writing(settings: Settings) -> Iterator[None]:
    """Keep to the limit `dealwire-writer`, if the server has one: so many runs work on a warehouse at once.

    `prefect gcl create dealwire-writer --limit 1` makes it. The warm worker takes turns by itself and asks for none;
    on a DuckLake writers take turns for as long as they store something, and not while they work.
    """
    if _warm.get() is not None or settings.lake is not None:
        yield
        return
    with concurrency("dealwire-writer", occupy=1, strict=False):
        yield


def retryable(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """True for errors that a later try may not meet; all others would only fail again."""
    try:
        state.result()
    except Retryable:
        return True
    except Exception:
        return False
    return False


def as_task(name: str, pauses: Sequence[float] = (5, 30)) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A step as a task of this name: what may be cured by waiting is tried again after these pauses, in seconds."""
    made = task(
        retries=len(pauses),
        retry_delay_seconds=list(pauses),
        retry_condition_fn=retryable,
        cache_policy=NO_CACHE,
        task_run_name=name,
    )

    def make(step: Callable[P, R]) -> Callable[P, R]:
        run = made(step)

        @wraps(step)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            # For every tag of a task the server looks for a limit, which can take seconds; the flow's run has them.
            with TagsContext(current_tags=set()):
                return run(*args, **kwargs)

        return call

    return make


@as_task("poll the due feeds")
def poll(settings: Settings, *, everything: bool = False) -> PollReport:
    """Poll the due feeds."""
    warm = _warm.get()
    parsing = warm.parsers if warm else None
    return result(
        "poll", lambda: steps.poll(settings, progress=_progress.get(), everything=everything, parsing=parsing)
    )


@as_task("read the pages of new articles")
def read(settings: Settings, *, most: int | None = None) -> ReadReport:
    """Read the pages of new articles."""
    warm = _warm.get()
    pages = warm.pages if warm else None
    return result("read", lambda: steps.read(settings, progress=_progress.get(), most=most, pages=pages))


@as_task("extract records from pending articles")
def extract(
    settings: Settings, *, most: int | None = None, seconds: float | None = None, only: list[str] | None = None
) -> ExtractReport:
    """Extract records from pending articles."""
    progress = _progress.get()
    return result("extract", lambda: steps.extract(settings, progress=progress, most=most, seconds=seconds, only=only))


@as_task("link claims into deals and alliances")
def link(settings: Settings) -> LinkReport:
    """Link claims into deals and alliances."""
    return result("link", lambda: steps.link(settings, progress=_progress.get()))


@as_task("tell the subscribers")
def tell(settings: Settings) -> NotifyReport:
    """Tell the subscribers of alliances; what fails waits for its next turn, and is no failure of the task."""
    from dealwire.notify import tell as telling

    return telling.tell(settings, progress=_progress.get())


@as_task("put the copy for other programs in place")
def publish(settings: Settings) -> PublishReport | None:
    """Put the copy for other programs in place, if the settings want one."""
    return steps.publish(settings)


@as_task("fill in articles of the past")
def fill(
    settings: Settings, source: str, *, since: datetime | None = None, match: str | None = None, again: bool = False
) -> BackfillReport:
    """Fill in the articles of a source."""
    from dealwire import backfill

    choice = backfill.since(since, match)
    return backfill.fill(settings, source, choice=choice, again=again, progress=_progress.get())


@as_task("look after the warehouse")
def maintain(settings: Settings) -> MaintainReport:
    """Drop what is old, renew what ends."""
    from dealwire import upkeep

    return result("maintain", lambda: upkeep.maintain(settings, progress=_progress.get()))
