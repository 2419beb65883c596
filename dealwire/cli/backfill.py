"""`dealwire backfill`: articles of the past, from sitemaps and archives."""

from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import print_json, say
from dealwire.cli.progress import Reporter


def backfill(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Sites, sitemaps, folders, zip, tar, JSONL, HTML, text or WARC files.", metavar="SOURCE..."
        ),
    ],
    since: options.Since = None,
    match: Annotated[
        str | None, typer.Option(help="Only addresses that this regular expression finds.", show_default=False)
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Read from the beginning, also what was read before.")] = False,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Store articles of the past; `dealwire run` then reads and extracts them.

    A site's sitemaps give addresses, archives give texts. When it is stopped, the same command goes on from there.
    """
    from dealwire import backfill as filling

    settings = options.settings(db, config)
    choice = filling.since(since, match)
    reports = []
    for source in sources:
        with Reporter() as progress:
            report = filling.fill(settings, source, choice=choice, again=again, progress=progress)
        reports.append({"source": source} | report.model_dump(mode="json"))
        for line in report.errors:
            say(f"  {line}")
        say(
            f"{source}: {report.articles} new articles, {report.revised} changed, {report.known} known already, "
            f"{report.skipped} without an article"
        )
    if as_json:
        print_json(reports)
