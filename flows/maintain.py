"""The flow `maintain`: old rows and pages go, rates and leases are renewed, the file is compacted."""

from prefect import flow

from flows import artifacts, sending, tasks
from schemas import MaintainReport


@flow(name="maintain", flow_run_name=tasks.name)
def maintain(database: str | None = None, config: str | None = None) -> MaintainReport:
    """Look after the warehouse; once a day is enough."""
    settings = tasks.settings(database, config)
    with tasks.writing(settings):
        report = tasks.maintain(settings)
    sending.send(settings)
    counts = {
        "pages dropped": report.pages_dropped,
        "events dropped": report.events_dropped,
        "polls dropped": report.polls_dropped,
        "exchange rates": report.rates,
        "leases": report.leases,
        "megabytes before": report.bytes_before // 1_000_000,
        "megabytes after": report.bytes_after // 1_000_000,
        "errors": len(report.errors),
    }
    artifacts.publish("maintain-report", "Maintain", settings, counts, report.errors)
    dropped = report.pages_dropped + report.events_dropped + report.polls_dropped
    return tasks.done(report, f"{dropped} old rows dropped, {report.bytes_after / 1e6:.0f} MB")
