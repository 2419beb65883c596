"""What the extractors reach on the development and the blind documents, whole and with parts of them switched off."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from dealwire import scoring
from dealwire.documents import as_document
from extractors import builtin, run
from training import markup

HERE = Path(__file__).parent
DEV = HERE.parents[2] / "shared" / "gold" / "dev.jsonl"
FLOORS: dict[str, dict[str, float]] = tomllib.loads((HERE / "floors.toml").read_text("utf-8"))


class Gold(NamedTuple):
    """Annotated documents and the file of names that count as one."""

    documents: Sequence[Any]
    entities: Path


def gold(name: str) -> Gold | None:
    """The documents of a section of the floors; None if they are not beside the project."""
    if name == "blind":
        documents = [one for path in sorted((HERE / "blind").glob("*.txt")) for one in markup.read(path)]
        return Gold(documents, HERE / "blind" / "entities.json")
    return Gold(scoring.read(DEV), DEV.with_name("entities.json")) if DEV.exists() else None


def reached(given: Gold, **switches: bool) -> dict[str, float]:
    """F1 of mentions by label, and of deals; `switches` are those of `run.extract`: encoder, catalogue."""
    found = run.extract((one["text"] for one in given.documents), using=builtin.extractors(), **switches)
    mine = [as_document(one["id"], one["text"], outcomes) for one, outcomes in zip(given.documents, found, strict=True)]
    report = scoring.compare(given.documents, mine, names=scoring.Names.beside(given.entities, given.entities))
    return {label: tally.f1 for label, tally in report.mentions.items()} | {"deal": report.deals["sides"].f1}


def fallen(name: str, figures: dict[str, float]) -> dict[str, str]:
    """The figures that are below their floor, each with it."""
    return {what: f"{figures[what]:.3f} < {floor}" for what, floor in FLOORS[name].items() if figures[what] < floor}
