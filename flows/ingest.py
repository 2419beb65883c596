"""The flow `ingest`: poll the due feeds, read the pages of new articles."""

from prefect import flow

from flows import artifacts, sending, tasks
from schemas import PollReport, ReadReport


@flow(name="ingest", flow_run_name=tasks.name)
def ingest(
    database: str | None = None,
    config: str | None = None,
    everything: bool = False,
    polling: bool = True,
    reading: bool = True,
    most: int | None = None,
) -> tuple[PollReport, ReadReport]:
    """Poll the feeds that are due (`everything`: all) and store the text of new articles.

    Without `polling` only the pages of articles that are known already are read, without `reading` none; `most` bounds
    how many.
    """
    settings = tasks.settings(database, config)
    before = tasks.position(settings)
    polled = tasks.poll(settings, everything=everything) if polling else PollReport()
    read = tasks.read(settings, most=most) if reading else ReadReport()
    sending.send_unless_warm(settings)
    counts = {
        "feeds polled": polled.feeds,
        "feeds unchanged": polled.unchanged,
        "feeds failed": polled.failed,
        "new articles": polled.new_articles,
        "articles read from their page": read.from_page,
        "articles taken from the feed": read.from_feed,
        "articles not readable yet": read.failed,
        "errors": len(polled.errors) + len(read.errors),
    }
    evidence = artifacts.evidence_of(tasks.told(settings, before))
    artifacts.publish("ingest-report", "Ingest", settings, counts, polled.errors + read.errors, evidence)
    said = [f"{polled.feeds} feeds polled", f"{polled.new_articles} new articles"] if polling else []
    said += [f"{read.from_page + read.from_feed} texts"] if reading else []
    return tasks.done((polled, read), ", ".join(said))
