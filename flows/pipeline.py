"""The flow `pipeline`: ingest, extract and link in order; and the call that runs it in this process."""

import time

from prefect import flow

from dealwire.settings import Settings
from dealwire.steps import Progress
from flows import artifacts, sending, tasks
from flows.extract import extract
from flows.ingest import ingest
from flows.link import link
from schemas import RunReport
from schemas.errors import PrefectUnavailable


@flow(name="pipeline", flow_run_name=tasks.name)
def pipeline(database: str | None = None, config: str | None = None, everything: bool = False) -> RunReport:
    """One pass: poll and read, extract, link. Safe to run again at any time."""
    settings, started = tasks.settings(database, config), time.monotonic()
    before = tasks.position(settings)
    with tasks.without_heartbeat(), sending.carrying_on():
        polled, read = ingest(database, config, everything)
        extracted = extract(database, config)
        linked = link(database, config)
    told, published = tasks.tell(settings), tasks.publish(settings)
    report = RunReport(
        poll=polled,
        read=read,
        extract=extracted,
        link=linked,
        notify=told,
        publish=published,
        seconds=time.monotonic() - started,
        under="prefect",
    )
    counts = {
        "feeds polled": polled.feeds,
        "new articles": polled.new_articles,
        "articles read": read.from_page + read.from_feed,
        "articles extracted": extracted.articles,
        "deals": linked.deals,
        "new deals": linked.new_deals,
        "alliances": linked.alliances,
        "new alliances": linked.new_alliances,
        "deliveries": told.sent,
    }
    errors = polled.errors + read.errors + extracted.errors + told.errors
    evidence = artifacts.evidence_of(tasks.told(settings, before))
    artifacts.publish("pipeline-report", "Pipeline", settings, counts, errors, evidence)
    return tasks.done(report, f"{polled.new_articles} new articles, {linked.new_alliances} new alliances")


def run_pipeline(
    settings: Settings, *, progress: Progress | None = None, everything: bool = False, api_url: str | None = None
) -> RunReport:
    """Run `pipeline` in this process, quietly, under the Prefect server at `api_url` or the configured one.

    Errors of dealwire come through as they are; `PrefectUnavailable` when the server is lost on the way.
    """
    import httpx
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    with tasks.reporting(progress, settings), tasks.here(api_url):
        try:
            return pipeline(database=settings.place, everything=everything)
        except (httpx.HTTPError, RuntimeError) as error:
            # Prefect's client turns a refused first connection into a plain RuntimeError.
            if isinstance(error, RuntimeError) and not isinstance(error.__cause__, httpx.HTTPError):
                raise
            raise PrefectUnavailable(str(error) or type(error).__name__) from error
        finally:
            # What is still on its way must arrive before a temporary server is stopped.
            EventsWorker.drain_all(timeout=5)
            APILogWorker.drain_all(timeout=5)
