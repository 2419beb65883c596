"""`dealwire eval`: how well the extractors do on annotated documents."""

from pathlib import Path
from typing import Annotated, Any

import typer

from dealwire.cli import options
from dealwire.cli.extract import extracted
from dealwire.cli.output import highlighted, print_json, say
from dealwire.cli.progress import Reporter
from schemas.errors import InvalidInput


def evaluate(
    gold: Annotated[Path, typer.Argument(help="Annotated documents, one JSON object a line.", metavar="GOLD.jsonl")],
    errors: Annotated[int, typer.Option("--errors", min=0, help="Show up to N cases of each sort, in context.")] = 0,
    pred: Annotated[
        Path | None, typer.Option("--pred", help="Score this file instead of extracting now.", show_default=False)
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(
            "--compare",
            metavar="PRED.jsonl",
            help="What another version found (dealwire extract GOLD.jsonl): show both, and what changed.",
            show_default=False,
        ),
    ] = None,
    reliability: Annotated[
        bool, typer.Option("--reliability", help="Show how many deals told with which confidence are right.")
    ] = False,
    entities: Annotated[
        Path | None,
        typer.Option(
            "--entities",
            help="Canonical names and alternatives; default: entities.json beside GOLD.",
            show_default=False,
        ),
    ] = None,
    no_encoder: options.NoEncoder = False,
    config: options.Config = None,
    as_json: options.Json = False,
) -> None:
    """Score mentions and deals against annotated documents: exact spans, normalised values, right sides."""
    from dealwire import extraction, scoring
    from dealwire.cli import figures
    from extractors import registry

    settings = options.settings(None, config, encoder=False if no_encoder else None)
    for problem in extraction.prepare(settings):
        say(f"WARNING: {problem}")
    truth = scoring.read(gold)
    if not truth:
        raise InvalidInput(f"{gold} holds no documents")
    # Labels of the user's own are scored where the documents have them.
    given = {one["label"] for document in truth for one in document["mentions"]}
    own = [one.label for one in registry.registered() if one.label in given]
    labels = (*scoring.LABELS, *(label for label in own if label))
    names = scoring.Names.beside(gold, entities)
    earlier = scoring.read(compare, need=("id",)) if compare else None
    if pred:
        found = scoring.read(pred, need=("id",))
    else:
        with Reporter() as progress:
            progress("extract", 0, len(truth))
            found = []
            for document in extracted(truth, settings, expected=len(truth)):
                found.append(document)
                progress("extract", len(found), len(truth))
    report = scoring.compare(truth, found, names=names, labels=labels)
    _told_absent(report, "predictions")
    confused = scoring.confusions(truth, found, names=names, labels=labels)
    sure = scoring.reliability(truth, found, names=names) if reliability else None
    changed = None
    if earlier is not None:
        before = scoring.compare(truth, earlier, names=names, labels=labels)
        _told_absent(before, f"file {compare}")
        changed = scoring.changes(before, report)
    if as_json:
        told: dict[str, Any] = report.as_json() | {"confusions": confused.as_json()}
        if errors:
            told["errors"] = _errors(report, confused, errors)
        if sure:
            told["reliability"] = sure.as_json()
        if changed:
            told["compared"] = {"file": str(compare), **changed.as_json(errors)}
        print_json(told)
        return
    lines = [*figures.of_report(report), *figures.of_confusions(confused)]
    if sure:
        lines += figures.of_reliability(sure)
    if errors:
        lines += figures.of_errors(report, confused, errors, highlighted)
    if changed:
        lines += figures.of_changes(changed, f"{compare}", errors, highlighted)
    typer.echo("\n".join(lines), color=True)


def _told_absent(report: Any, whose: str) -> None:
    if report.absent:
        say(f"{report.absent} of the documents are not in the {whose}; they count as empty")


def _errors(report: Any, confused: Any, errors: int) -> dict[str, list[list[str]]]:
    told = {
        f"mention {label} {sort}": [[one.document, str(one.place), one.found] for one in cases[:errors]]
        for (label, sort), cases in confused.cases_by_sort().items()
    }
    for (level, label, what), mistakes in report.mistakes_by_sort().items():
        if level != "mention":
            told[f"{level} {label} {what}"] = [[one.document, str(one.shown)] for one in mistakes[:errors]]
    return told
