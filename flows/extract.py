"""The flow `extract`: records from the articles that wait for an extractor."""

from prefect import flow

from flows import artifacts, events, tasks
from schemas import ExtractReport


@flow(name="extract", flow_run_name=tasks.name)
def extract(database: str | None = None, config: str | None = None) -> ExtractReport:
    """Run every extractor over the articles it has not read in its present version."""
    settings = tasks.settings(database, config)
    report = tasks.extract(settings)
    events.claims_stored(settings, report)
    counts = {"articles": report.articles, **report.records, "failed": report.failed}
    artifacts.publish("extract-report", "Extract", settings, counts, (*report.warnings, *report.errors))
    return tasks.done(report, f"{report.articles} articles, {sum(report.records.values())} records")
