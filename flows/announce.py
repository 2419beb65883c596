"""The flow `announce`: what the outbox holds is sent."""

from prefect import flow

from flows import artifacts, sending, tasks
from schemas import SendReport
from schemas.errors import PrefectUnavailable


@flow(name="announce", flow_run_name=tasks.name)
def announce(database: str | None = None, config: str | None = None) -> SendReport:
    """Send the events that wait in the outbox, in their order; what the server has lost is sent again."""
    settings = tasks.settings(database, config)
    report = sending.send(settings)
    if report.error:
        raise PrefectUnavailable(report.error)
    counts = {"handed over": report.sent, "arrived": report.arrived, "waiting": report.waiting}
    artifacts.publish("announce-report", "Announce", settings, counts)
    return tasks.done(report, f"{report.sent} events sent, {report.waiting} waiting")
