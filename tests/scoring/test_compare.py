"""Figures of `dealwire eval` are right, and those of the reference scorer where it is at hand."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dealwire import scoring
from schemas.errors import InvalidInput
from tests.scoring.sample import document

SCORER = Path(__file__).parents[3] / "shared" / "gold" / "score.py"


def test_a_right_prediction_scores_one() -> None:
    report = scoring.compare([document()], [document()])
    assert report.as_json()["mention"]["ALL"]["f1"] == 1
    assert report.as_json()["deal"]["amount"]["f1"] == 1
    assert not report.mistakes


def test_mistakes_are_counted_and_shown_with_their_place() -> None:
    mine = document(mentions=[*document()["mentions"][:3], {"start": 36, "end": 40, "label": "COMPANY"}], deals=[])
    report = scoring.compare([document()], [mine])
    assert (report.mentions["COMPANY"].right, report.mentions["COMPANY"].spurious) == (2, 1)
    assert report.deals["sides"].missed == 1
    assert any("Acme [said] so." in str(one.shown) for one in report.mistakes)


def test_names_in_the_table_count_as_one() -> None:
    mine = document(deals=[document()["deals"][0] | {"payers": ["ACME Inc"]}])
    assert scoring.compare([document()], [mine]).deals["sides"].f1 == 0
    names = scoring.Names({"Acme": ["ACME Inc"]})
    assert scoring.compare([document()], [mine], names=names).deals["sides"].f1 == 1


def test_documents_that_are_not_predicted_count_as_empty() -> None:
    report = scoring.compare([document()], [])
    assert report.absent == 1
    assert report.mentions["COMPANY"].missed == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{\n", "is no JSON"),
        ('{"id": 1}\n', "it needs id, text, mentions"),
        ('{"id":1,"text":"","mentions":[]}\n' * 2, "stands there twice"),
    ],
)
def test_a_bad_gold_file_is_told_with_its_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidInput, match=said):
        scoring.read(path)


@pytest.mark.skipif(not SCORER.exists(), reason="the reference scorer is not beside the project")
def test_figures_are_those_of_the_reference_scorer(tmp_path: Path) -> None:
    gold = SCORER.with_name("dev.jsonl")
    truth = scoring.read(gold)
    # Wrong in every way there is: marks left out, moved and of another label, deals turned round and without amounts.
    mine: list[dict[str, Any]] = []
    for number, one in enumerate(truth):
        mentions = [m | ({"end": m["end"] - 1} if n % 7 == 0 else {}) for n, m in enumerate(one["mentions"]) if n % 5]
        deals = [
            d | ({"payers": d["payees"], "payees": d["payers"]} if n % 3 == 0 else {"currency": None} if n % 3 else {})
            for n, d in enumerate(one["deals"])
        ]
        mine.append({"id": one["id"], "mentions": mentions, "deals": deals if number % 4 else []})
    predicted = tmp_path / "pred.jsonl"
    predicted.write_text("".join(json.dumps(one) + "\n" for one in mine))
    command = [sys.executable, str(SCORER), str(gold), str(predicted), "--json"]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ours = scoring.compare(truth, mine, names=scoring.Names.beside(gold)).as_json()
    assert ours == theirs
