"""The flow `announce`: what the outbox holds is sent to Prefect, subscribers are told, the copy is put in place."""

from prefect import flow

from flows import artifacts, sending, tasks
from schemas import NotifyReport, SendReport


@flow(name="announce", flow_run_name=tasks.name)
def announce(database: str | None = None, config: str | None = None) -> tuple[SendReport, NotifyReport]:
    """Send the events that wait in the outbox, in their order, again what the server has lost; tell the subscribers.

    Puts the copy for other programs in place, too, if there is news in it.
    """
    settings = tasks.settings(database, config)
    report = sending.send(settings)
    told = tasks.tell(settings)
    published = tasks.publish(settings)
    counts = {
        "events handed over": report.sent,
        "events arrived": report.arrived,
        "events waiting": report.waiting,
        "deliveries made": told.sent,
        "deliveries that failed": told.failed,
        "deliveries given up": told.dead,
        "deliveries waiting": told.waiting,
    }
    errors = [*told.errors, *(one for one in (report.error, published and published.error) if one)]
    artifacts.publish("announce-report", "Announce", settings, counts, errors)
    return tasks.done((report, told), f"{report.sent} events sent, {told.sent} deliveries made")
