"""`dealwire eval`: how well the extractors do on annotated documents."""

from pathlib import Path
from typing import Annotated

import typer

from dealwire.cli import options
from dealwire.cli.extract import extracted
from dealwire.cli.output import print_json, say
from dealwire.cli.progress import Reporter
from schemas.errors import InvalidInput


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Annotated documents, one JSON object a line.", metavar="GOLD.jsonl")],
    errors: Annotated[int, typer.Option("--errors", min=0, help="Show up to N missed and N spurious a section.")] = 0,
    pred: Annotated[
        Path | None, typer.Option("--pred", help="Score this file instead of extracting now.", show_default=False)
    ] = None,
    entities: Annotated[
        Path | None,
        typer.Option(
            "--entities",
            help="Canonical names and alternatives; default: entities.json beside GOLD.",
            show_default=False,
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Score mentions and deals against annotated documents: exact spans, normalised values, right sides."""
    from dealwire import catalogue, scoring

    catalogue.prepare(options.settings(None, None))
    truth = scoring.read(gold)
    if not truth:
        raise InvalidInput(f"{gold} holds no documents")
    names = scoring.Names.beside(gold, entities)
    if pred:
        found = scoring.read(pred, need=("id",))
    else:
        with Reporter() as progress:
            progress("extract", 0, len(truth))
            found = []
            for document in extracted(truth):
                found.append(document)
                progress("extract", len(found), len(truth))
    report = scoring.compare(truth, found, names=names)
    if report.absent:
        say(f"{report.absent} of the documents are not in the predictions; they count as empty")
    if as_json:
        print_json(report.as_json(errors))
    else:
        typer.echo(report.as_text(errors))
