"""`dealwire publish`: a read-only copy that other programs may keep open."""

from pathlib import Path
from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.output import print_json, say
from dealwire.cli.progress import Reporter
from schemas import PublishReport
from schemas.errors import InvalidInput


def publish(
    place: Annotated[
        Path | None,
        typer.Argument(
            help="A file that ends in .duckdb, or a folder for Parquet files; default: publish_to.",
            metavar="PATH",
            show_default=False,
        ),
    ] = None,
    always: Annotated[bool, typer.Option("--always", help="Also if the copy that is there holds the same.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="A back-up: also what only dealwire needs, secrets among it.")
    ] = False,
    db: options.Db = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Put a read-only copy for dashboards and notebooks in place: they may keep it open, dealwire never waits for it.

    A program that has the copy before it open keeps that; who opens it anew gets the newest.
    """
    from dealwire import steps

    settings = options.settings(db, config)
    if whole and place is None:
        raise InvalidInput("say where the back-up shall be: `dealwire publish --whole FILE.duckdb`")
    if place is None and settings.publish_to is None:
        raise InvalidInput("say where: `dealwire publish PATH`, or the setting publish_to for a copy after each run")
    with Reporter() as progress:
        progress.say(f"copying {settings.named}")
        report = steps.publish(settings, place, always=always, whole=whole)
    if report is None or report.error:
        raise InvalidInput(report.error if report and report.error else "nothing was published")
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        say(told(report))


def told(report: PublishReport) -> str:
    """What became of a copy, in a line."""
    if report.error:
        return f"no new copy at {report.place}: {report.error}"
    if not report.changed:
        return f"{report.place} holds the same already"
    size = f"{report.bytes / 1e6:.1f} MB"
    return f"{report.place}: {report.rows:,} rows in {report.tables} tables, {size}, {report.seconds:.1f} s"
