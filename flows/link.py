"""The flow `link`: claims of many articles into deals and alliances."""

from prefect import flow

from flows import artifacts, sending, tasks
from schemas import LinkReport


@flow(name="link", flow_run_name=tasks.name)
def link(database: str | None = None, config: str | None = None) -> LinkReport:
    """Merge the claims of all articles into deals, and group these into alliances."""
    settings = tasks.settings(database, config)
    before = tasks.position(settings)
    with tasks.writing(settings):
        report = tasks.link(settings)
    sending.send_unless_warm(settings)
    evidence = artifacts.evidence_of(tasks.told(settings, before))
    artifacts.publish("link-report", "Link", settings, counts(report), evidence=evidence)
    return tasks.done(report, f"{report.new_deals} new deals, {report.new_alliances} new alliances")


def counts(report: LinkReport) -> dict[str, int]:
    """What the report of a flow says of linking."""
    return {
        "claims": report.claims,
        "deals": report.deals,
        "new deals": report.new_deals,
        "alliances": report.alliances,
        "new alliances": report.new_alliances,
    }
