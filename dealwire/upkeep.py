"""Upkeep: what has to be done once in a while, and harms nobody when it is done again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dealwire import push, steps
from dealwire.settings import Settings
from dealwire.warehouse import notes, outbox, revisions, site_rules
from schemas import MaintainReport
from schemas.errors import DealwireError

MAINTAINED = "maintained"
"""The note of when it was last done."""


def maintain(
    settings: Settings, *, progress: steps.Progress | None = None, now: Callable[[], datetime] | None = None
) -> MaintainReport:
    """Drop what is kept for a time, bring the exchange rates up to date, renew WebSub leases, compact the file.

    What fails of it is told in the report, and stops nothing else.
    """
    clock = now or (lambda: datetime.now(UTC))
    at, store, errors = clock(), steps.warehouse(settings), []
    with store.write() as con:
        pages = revisions.drop_old_pages(con, at, settings.keep_pages_days)
        site_rules.drop_old(con, at)
        events = outbox.drop_old(con, at - timedelta(days=settings.keep_events_days))
        done = con.execute("DELETE FROM polls WHERE polled_at < ?", [at - timedelta(days=settings.keep_polls_days)])
        polls = int((done.fetchone() or (0,))[0])
        notes.put(con, MAINTAINED, at.isoformat())
    rates = leases = 0
    if settings.update_rates:
        try:
            rates = steps.update_rates(settings).rates
        except DealwireError as error:
            errors.append(f"exchange rates: {error}")
    if settings.websub_callback:
        try:
            leases = len(push.keep(settings, now=clock, progress=progress))
        except DealwireError as error:
            errors.append(f"WebSub: {error}")
    before, after = store.compact()
    return MaintainReport(
        pages_dropped=pages,
        events_dropped=events,
        polls_dropped=polls,
        rates=rates,
        leases=leases,
        bytes_before=before,
        bytes_after=after,
        errors=tuple(errors),
    )
