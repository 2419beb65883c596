"""docs/extractors.md is run from top to bottom, in an empty folder: every file written, every command called."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import dealwire
from tests.cli.conftest import Cli, Ran

PAGE = Path(__file__).parents[2] / "docs" / "extractors.md"
_BLOCK = re.compile(r"(?:^`(?P<file>[\w./]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"\s+# exit code (\d)$")


def squeezed(text: str) -> str:
    return re.sub(r"[\s│]+", " ", text)


def called(cli: Cli, line: str) -> Ran:
    words = shlex.split(line, comments=True)
    if words[0] == "dealwire":
        return cli(*words[1:])
    program = [sys.executable, *words[1:]] if words[0] == "python" else words
    here = os.environ | {"PYTHONPATH": str(Path(dealwire.__file__).parents[1])}
    done = subprocess.run(program, capture_output=True, text=True, check=False, env=here)
    return Ran(done.returncode, done.stdout, done.stderr)


def test_every_block_of_the_page_does_what_it_says(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWIRE_ENCODER", "false")
    told, run = "", 0
    for block in _BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        kind, text = block["kind"], block["text"]
        if block["file"]:
            (tmp_path / block["file"]).write_text(text, encoding="utf-8")
        elif kind == "python":
            exec(compile(text, "docs/extractors.md", "exec"), {})
        elif kind == "sh":
            told = ""
            for line in text.splitlines():
                code = _CODE.search(line)
                ran = called(cli, line)
                assert ran.code == (int(code[1]) if code else 0), (line, ran)
                assert "WARNING" not in ran.err or "is gone" in ran.err, ran.err
                told += ran.out + ran.err
                run += 1
        else:
            assert kind == "text"
            for line in text.splitlines():
                assert squeezed(line).strip() in squeezed(told), (line, told)
    assert run > 15


def test_the_types_of_its_extractors_hold_strictly(tmp_path: Path) -> None:
    written = [
        block["text"] for block in _BLOCK.finditer(PAGE.read_text(encoding="utf-8")) if block["kind"] == "python"
    ]
    files = []
    for number, text in enumerate(one for one in written if "@extractor" in one):
        files.append(tmp_path / f"block{number}.py")
        files[-1].write_text(text, encoding="utf-8")
    assert len(files) > 3
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *map(str, files)],
        cwd=PAGE.parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
