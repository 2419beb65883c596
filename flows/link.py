"""The flow `link`: claims of many articles into deals and alliances."""

from prefect import flow

from flows import artifacts, events, tasks
from schemas import LinkReport


@flow(name="link", flow_run_name=tasks.name)
def link(database: str | None = None, config: str | None = None) -> LinkReport:
    """Merge the claims of all articles into deals, and group these into alliances."""
    settings = tasks.settings(database, config)
    report = tasks.link(settings)
    events.alliances_announced(settings, report)
    counts = {
        "claims": report.claims,
        "deals": report.deals,
        "new deals": report.new_deals,
        "alliances": report.alliances,
        "new alliances": report.new_alliances,
    }
    artifacts.publish("link-report", "Link", settings, counts)
    return tasks.done(report, f"{report.new_deals} new deals, {report.new_alliances} new alliances")
