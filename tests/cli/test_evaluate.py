"""`dealwire eval` as a user calls it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.scoring.sample import document

PROGRAM = [sys.executable, "-c", "from dealwire.cli import main; main()"]
MENTIONS = document()["mentions"]


def written(path: Path, *documents: dict[str, Any]) -> str:
    path.write_text("".join(json.dumps(one) + "\n" for one in documents))
    return path.name


@pytest.fixture
def gold(tmp_path: Path) -> str:
    return written(tmp_path / "gold.jsonl", document(), document(id="b"))


@pytest.fixture
def worse(tmp_path: Path) -> str:
    longer = MENTIONS[1] | {"start": 5}
    deal = document()["deals"][0] | {"confidence": 0.85}
    return written(
        tmp_path / "pred.jsonl",
        document(mentions=[MENTIONS[0], longer, MENTIONS[2] | {"max": None}, MENTIONS[3]], deals=[deal]),
        document(id="b", mentions=[MENTIONS[0] | {"label": "CHIP"}], deals=[]),
    )


def test_figures_and_confusions_are_told_at_each_level(cli: Cli, gold: str, worse: str) -> None:
    told = json.loads(cli("eval", gold, "--pred", worse, "--json", "--errors", "2").out)
    assert told["mention"]["COMPANY"]["recall"] == pytest.approx(2 / 6)
    assert told["document"]["COMPANY"]["recall"] == pytest.approx(2 / 4)
    assert told["deal"]["sides"]["recall"] == 0.5
    assert told["confusions"]["COMPANY"]["too long"] == 1
    assert told["confusions"]["COMPANY"]["read_as"] == {"CHIP": 1}
    assert told["confusions"]["MONEY"]["wrong value"] == 1
    assert told["errors"]["mention COMPANY too long"][0][:2] == ["a", "Acme buys [Zeta] for $5 million. Acme said so."]
    assert len(told["errors"]["mention COMPANY missed"]) == 2


def test_the_tables_show_the_same(cli: Cli, gold: str, worse: str) -> None:
    ran = cli("eval", gold, "--pred", worse, "--errors", "1", "--reliability")
    assert ran.code == 0
    assert "COMPANY read as CHIP: 1" in ran.out
    assert "  a  Acme buys [Zeta] for $5 million. Acme said so.  found: COMPANY 'buys Zeta' Zeta" in ran.out
    assert "0.8 to 0.9         1   0.850   1.000" in ran.out
    assert "expected calibration error 0.150" in ran.out
    assert "\x1b" not in ran.out


def test_two_versions_are_compared(cli: Cli, gold: str, worse: str, tmp_path: Path) -> None:
    best = written(tmp_path / "best.jsonl", document(), document(id="b"))
    ran = cli("eval", gold, "--pred", worse, "--compare", best, "--errors", "3")
    assert "documents with more mistakes now: 2 (a, b)" in ran.out
    assert "right → wrong: mention COMPANY 5" in ran.out
    assert "wrong → right" not in ran.out
    told = json.loads(cli("eval", gold, "--pred", best, "--compare", worse, "--json").out)["compared"]
    assert told["wrong_to_right"]["mention COMPANY"] == {"count": 5}
    assert told["documents"] == {"worse": [], "better": ["a", "b"]}
    assert told["f1_difference"]["mention"]["COMPANY"] > 0.5


def test_what_extract_writes_can_be_compared_and_holds_confidence(cli: Cli, tmp_path: Path) -> None:
    gold = written(tmp_path / "gold.jsonl", document(text="Nvidia buys Intel for $5 million.", mentions=[], deals=[]))
    made = cli("extract", gold, "--no-encoder")
    (tmp_path / "made.jsonl").write_text(made.out)
    told = json.loads(cli("eval", gold, "--compare", "made.jsonl", "--no-encoder", "--reliability", "--json").out)
    assert told["compared"]["right_to_wrong"] == told["compared"]["wrong_to_right"] == {}
    assert told["reliability"]["deals_without_confidence"] == 0
    assert sum(one["deals"] for one in told["reliability"]["bins"]) == 1


def test_a_file_to_compare_that_is_not_there_is_told_first(cli: Cli, gold: str) -> None:
    ran = cli("eval", gold, "--compare", "nowhere.jsonl")
    assert ran.code == 1
    assert ran.err.startswith("dealwire: nowhere.jsonl cannot be read")


@pytest.mark.parametrize(("more", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_spans_are_coloured_on_a_terminal(
    gold: str, worse: str, tmp_path: Path, more: dict[str, str], coloured: bool
) -> None:
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"} | more
    command = [*PROGRAM, "eval", gold, "--pred", worse, "--errors", "1"]
    with subprocess.Popen(command, stdout=theirs, cwd=tmp_path, env=environment) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:
            """The other end is closed."""
        os.close(ours)
    assert process.returncode == 0
    assert (b"Acme buys [\x1b[1;31mZeta\x1b[0m] for" in shown) is coloured
    assert (b"\x1b" in shown) is coloured
