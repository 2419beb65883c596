"""The flow `backfill`: articles of the past, from a site, a folder or a file."""

from datetime import datetime

from prefect import flow

from flows import artifacts, sending, tasks
from schemas import BackfillReport


@flow(name="backfill", flow_run_name=tasks.name)
def backfill(
    source: str,
    database: str | None = None,
    config: str | None = None,
    since: datetime | None = None,
    match: str | None = None,
    again: bool = False,
) -> BackfillReport:
    """Store the articles of a source; `ingest` and `extract` then read them. Goes on where it was stopped."""
    settings = tasks.settings(database, config)
    report = tasks.fill(settings, source, since=since, match=match, again=again)
    sending.send(settings)
    counts = {
        "new articles": report.articles,
        "revised": report.revised,
        "known": report.known,
        "skipped": report.skipped,
        "errors": len(report.errors),
    }
    artifacts.publish("backfill-report", f"Backfill from {source}", settings, counts, report.errors)
    return tasks.done(report, f"{report.articles} new articles from {source}")
