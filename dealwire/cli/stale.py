"""`dealwire extract --stale`: stored articles are read by the extractors that have not read them yet."""

import time
from collections.abc import Sequence

import typer

from dealwire import extraction, steps
from dealwire.cli.output import say
from dealwire.cli.progress import Reporter
from dealwire.settings import Settings
from extractors.registry import LANGUAGE_MODEL

_SHOWN = 5


def foretell(settings: Settings, names: Sequence[str] | None) -> None:
    """Say how many articles there are to read and how long it takes."""
    found = extraction.estimate(settings, names=names)
    _warn(found.warnings)
    if not found.articles:
        say("every stored article is read already")
        return
    each = ", ".join(f"{name} {count:,}" for name, count in found.by_extractor.items())
    typer.echo(f"{found.articles:,} articles to read ({each}), about {_span(found.seconds)} for one process")


def read(settings: Settings, names: Sequence[str] | None) -> None:
    """Read them, with progress; exit 1 if an extractor had to be switched off."""
    started = time.monotonic()
    # A warehouse that is not there is not made.
    with steps.warehouse(settings).read():
        pass
    with Reporter() as progress:
        report = steps.extract(settings, progress=progress, names=names)
        if {"deals", LANGUAGE_MODEL}.intersection(report.records):
            steps.link(settings, progress=progress)
    _warn(report.warnings)
    for number, line in enumerate(report.errors[:_SHOWN]):
        where, _, error = line.partition(": ")
        # The first one whole, for who has to mend it.
        say(f"  {where}:\n{error}" if number == 0 else f"  {where}: {error.splitlines()[-1]}")
    if report.failed > _SHOWN:
        say(f"  … and {report.failed - _SHOWN} more, in the column error of the table extractions")
    if report.articles:
        told = ", ".join(f"{count} {name}" for name, count in report.records.items()) or "nothing found"
        say(f"{report.articles} articles read: {told}, {time.monotonic() - started:.1f} s, in {settings.named}")
    elif not report.switched_off:
        say("every stored article is read already")
    if report.note:
        say(report.note)
    if report.switched_off:
        raise typer.Exit(1)


def _warn(warnings: Sequence[str]) -> None:
    for line in warnings:
        say(f"WARNING: {line}")


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
