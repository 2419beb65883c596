"""`dealwire run`: one pass of the pipeline."""

from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import print_json, say
from dealwire.cli.progress import Reporter
from dealwire.settings import Settings
from schemas import RunReport


def run(
    inline: Annotated[bool, typer.Option("--inline", help="In this process, without Prefect.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Poll feeds that are not due yet, too.")] = False,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Poll the due feeds, read their articles, extract records, link deals. Safe to run again at any time.

    Runs as a Prefect flow when PREFECT_API_URL (or the Prefect profile) names a server that answers.
    """
    settings = options.settings(db, config)
    with Reporter() as progress:
        report = passed(settings, progress, inline=inline, everything=everything)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        summarise(report, settings)


def passed(settings: Settings, progress: Reporter, *, inline: bool, everything: bool) -> RunReport:
    """Do one pass, under Prefect if a server answers and `inline` is not asked for; says which."""
    from dealwire import prefect_server, steps

    url = None if inline else prefect_server.configured_url()
    if url and not prefect_server.reachable(url):
        progress.say(f"the Prefect server at {url} does not answer; running in this process")
        url = None
    if url is None:
        progress.say("running in this process" if inline else "no Prefect server is running; running in this process")
        return steps.run(settings, progress=progress, everything=everything)
    progress.say(f"running as a Prefect flow under {url}")
    from flows.pipeline import run_pipeline

    return run_pipeline(settings, progress=progress, everything=everything)


def summarise(report: RunReport, settings: Settings) -> None:
    """Say in a few lines what a pass did and what to ask next."""
    poll, read, link = report.poll, report.read, report.link
    if not poll.feeds:
        say("no feed is due; add one with `dealwire feeds add URL`, or poll all now with --all")
    else:
        parts = [f"{poll.feeds} feeds polled", f"{poll.unchanged} unchanged", f"{poll.new_articles} new articles"]
        say(", ".join(parts))
    for line in poll.errors:
        say(f"  {line}")
    if read.articles:
        say(f"{read.articles} articles read: {read.from_page} from their page, {read.from_feed} from the feed")
    if read.withheld:
        say(f"{read.withheld} pages showed a paywall, a consent page or the like (column withheld of articles)")
    if read.revised:
        say(f"{read.revised} articles have changed since they were read before; they are extracted again")
    for line in read.errors[:5]:
        say(f"  {line}")
    if len(read.errors) > 5:
        say(f"  … and {len(read.errors) - 5} more, in the column read_error of the table articles")
    if report.extract.articles:
        found = ", ".join(f"{count} {name}" for name, count in report.extract.records.items())
        say(f"{report.extract.articles} articles extracted: {found}")
    for line in report.extract.errors[:5]:
        say(f"  {line}")
    for line in report.extract.warnings:
        say(f"WARNING: {line}")
    if report.extract.note:
        say(report.extract.note)
    if report.extract.renamed:
        say("stored names were brought in line with the alias file")
    if not (poll.new_articles or read.articles or report.extract.articles):
        say("nothing new")
    if report.notify.queued or report.notify.sent or report.notify.errors:
        from dealwire.cli.notify import summarise as told_of

        told_of(report.notify)
    if report.publish and (report.publish.changed or report.publish.error):
        from dealwire.cli.publish import told

        say(told(report.publish))
    say(
        f"{link.deals} deals ({link.new_deals} new) in {link.alliances} alliances ({link.new_alliances} new), "
        f"{report.seconds:.1f} s, in {settings.named}"
    )
