"""Events: wake-ups sent after rows are stored. The rows are in the warehouse; a lost event costs time only.

Every event's resource is the warehouse, `dealwire.warehouse.<file name>`, with two labels: `dealwire.database`, the
file, and `dealwire.next`, which is "due" when nobody works on yet and "running" when the run that sent it goes on
with the next step itself. Deployments react to "due" only.
"""

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar

from prefect.events import emit_event

from dealwire.settings import Settings
from schemas import ExtractReport, LinkReport, PollReport, ReadReport
from schemas.ids import slug

_next: ContextVar[str] = ContextVar("next", default="due")


@contextlib.contextmanager
def carrying_on() -> Iterator[None]:
    """Flows called in this block are followed by the next step, so their events wake no deployment."""
    token = _next.set("running")
    try:
        yield
    finally:
        _next.reset(token)


def articles_stored(settings: Settings, poll: PollReport, read: ReadReport) -> None:
    """`dealwire.articles.stored`, if there are articles to extract from."""
    if texts := read.from_page + read.from_feed:
        _emit("dealwire.articles.stored", settings, {"new_articles": poll.new_articles, "texts": texts})


def claims_stored(settings: Settings, report: ExtractReport) -> None:
    """`dealwire.claims.stored`, if any article was extracted: also one without claims may have lost an old one.

    Also if the names in stored claims were corrected.
    """
    if report.articles or report.renamed:
        _emit("dealwire.claims.stored", settings, {"articles": report.articles, **report.records})


def alliances_announced(settings: Settings, report: LinkReport) -> None:
    """`dealwire.alliance.announced`, once a run that found new alliances."""
    if report.new_alliances:
        counts = {"new_alliances": report.new_alliances, "new_deals": report.new_deals}
        _emit("dealwire.alliance.announced", settings, counts)


def _emit(event: str, settings: Settings, counts: Mapping[str, int]) -> None:
    database = str(settings.database.resolve())
    emit_event(
        event,
        resource={
            "prefect.resource.id": f"dealwire.warehouse.{slug(settings.database.stem)}",
            "prefect.resource.name": settings.database.name,
            "dealwire.database": database,
            "dealwire.next": _next.get(),
        },
        payload={"database": database, **counts},
    )
