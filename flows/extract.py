"""The flows `extract` and `reextract`: records from the articles that wait for an extractor."""

from prefect import flow

from dealwire import extraction, steps
from dealwire.settings import Settings
from dealwire.warehouse import ledger
from flows import artifacts, sending, tasks
from schemas import ExtractReport


@flow(name="extract", flow_run_name=tasks.name)
def extract(
    database: str | None = None, config: str | None = None, most: int | None = None, seconds: float | None = None
) -> ExtractReport:
    """Run every extractor over the articles it has not read in its present version.

    Ends when none is left, or after the batch in which `most` articles were read or `seconds` have passed.
    """
    return _extracted(tasks.settings(database, config), "extract", most, seconds)


@flow(name="reextract", flow_run_name=tasks.name)
def reextract(
    database: str | None = None, config: str | None = None, extractors: list[str] | None = None
) -> ExtractReport:
    """Let the extractors (all, or those named) read every stored article again, though their version is the same.

    Stopped and started again it begins anew; `extract` goes on where it was stopped.
    """
    settings = tasks.settings(database, config)
    chosen = extraction.plan(settings, extractors)
    with steps.warehouse(settings).write() as con:
        ledger.forget(con, [one.name for one in chosen.using])
    return _extracted(settings, "reextract", None, None)


def _extracted(settings: Settings, flow_name: str, most: int | None, seconds: float | None) -> ExtractReport:
    with tasks.writing(settings):
        report = tasks.extract(settings, most=most, seconds=seconds)
    sending.send_unless_warm(settings)
    counts = {
        "articles": report.articles,
        "mentions": sum(count for name, count in report.records.items() if name != "deals"),
        **report.records,
        "failed": report.failed,
    }
    artifacts.publish(
        f"{flow_name}-report", flow_name.capitalize(), settings, counts, (*report.warnings, *report.errors)
    )
    return tasks.done(report, f"{report.articles} articles, {sum(report.records.values())} records")
