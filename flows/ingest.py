"""The flow `ingest`: poll the due feeds, read the pages of new articles."""

from prefect import flow

from flows import artifacts, events, tasks
from schemas import PollReport, ReadReport


@flow(name="ingest", flow_run_name=tasks.name)
def ingest(
    database: str | None = None, config: str | None = None, everything: bool = False
) -> tuple[PollReport, ReadReport]:
    """Poll the feeds that are due (`everything`: all) and store the text of new articles."""
    settings = tasks.settings(database, config)
    polled = tasks.poll(settings, everything=everything)
    read = tasks.read(settings)
    events.articles_stored(settings, polled, read)
    counts = {
        "feeds polled": polled.feeds,
        "feeds unchanged": polled.unchanged,
        "feeds failed": polled.failed,
        "new articles": polled.new_articles,
        "articles read from their page": read.from_page,
        "articles taken from the feed": read.from_feed,
        "articles not readable yet": read.failed,
    }
    artifacts.publish("ingest-report", "Ingest", settings, counts, polled.errors + read.errors)
    return tasks.done((polled, read), f"{polled.feeds} feeds polled, {polled.new_articles} new articles")
