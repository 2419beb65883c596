"""The flow `digest`: from texts to deals in one run, as the warm worker does it with the news."""

from prefect import flow

from flows import artifacts, link, sending, tasks
from schemas import ExtractReport, LinkReport


@flow(name="digest", flow_run_name=tasks.name)
def digest(
    database: str | None = None, config: str | None = None, most: int | None = None, seconds: float | None = None
) -> tuple[ExtractReport, LinkReport]:
    """Extract what waits, as `extract` does it, and link at once what was claimed."""
    settings = tasks.settings(database, config)
    before = tasks.position(settings)
    with tasks.writing(settings):
        extracted = tasks.extract(settings, most=most, seconds=seconds)
        linked = tasks.link(settings)
    sending.send_unless_warm(settings)
    counts = {"articles": extracted.articles, **extracted.records, "failed": extracted.failed, **link.counts(linked)}
    evidence = artifacts.evidence_of(tasks.told(settings, before))
    errors = (*extracted.warnings, *extracted.errors)
    artifacts.publish("digest-report", "Digest", settings, counts, errors, evidence)
    said = f"{extracted.articles} articles, {linked.new_deals} new deals, {linked.new_alliances} new alliances"
    return tasks.done((extracted, linked), said)
