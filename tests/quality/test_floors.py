"""Extraction quality does not fall below the floors in `floors.toml`."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dealwire import scoring
from dealwire.documents import as_document
from extractors import builtin, run
from training import markup

HERE = Path(__file__).parent
DEV = HERE.parents[2] / "shared" / "gold" / "dev.jsonl"
FLOORS = tomllib.loads((HERE / "floors.toml").read_text("utf-8"))


def figures(gold: Sequence[Any], entities: Path) -> dict[str, float]:
    found = run.extract((one["text"] for one in gold), using=builtin.extractors())
    mine = [as_document(one["id"], one["text"], outcomes) for one, outcomes in zip(gold, found, strict=True)]
    report = scoring.compare(gold, mine, names=scoring.Names.beside(entities, entities))
    return {label: tally.f1 for label, tally in report.mentions.items()} | {"deal": report.deals["sides"].f1}


def held(name: str, reached: dict[str, float]) -> None:
    fallen = {what: f"{reached[what]:.3f} < {floor}" for what, floor in FLOORS[name].items() if reached[what] < floor}
    assert not fallen


def test_the_blind_documents_are_annotated_as_the_guidelines_say() -> None:
    texts = [path.read_text("utf-8") for path in sorted((HERE / "blind").glob("*.txt"))]
    documents = [one for text in texts for one in markup.parse(text)]
    assert len(documents) >= 60
    assert sum(not one["deals"] for one in documents) >= 10


def test_blind_documents() -> None:
    gold = [one for path in sorted((HERE / "blind").glob("*.txt")) for one in markup.read(path)]
    held("blind", figures(gold, HERE / "blind" / "entities.json"))


@pytest.mark.skipif(not DEV.exists(), reason="the development documents are not beside the project")
def test_development_documents() -> None:
    held("dev", figures(scoring.read(DEV), DEV.with_name("entities.json")))
