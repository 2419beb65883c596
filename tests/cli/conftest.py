"""Running commands as a user does, in this process, in an empty folder."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from dealwire.cli import main


class Ran(NamedTuple):
    """What a command left: its exit code and what it printed."""

    code: int
    out: str
    err: str


Cli = Callable[..., Ran]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Call it with the words of a command line; the current folder is empty."""
    monkeypatch.chdir(tmp_path)
    for name in ("DEALWIRE_DATABASE", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEALWIRE_ALLOW_PRIVATE_HOSTS", "127.0.0.1,localhost")

    def run(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["dealwire", *words])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(bool(stop.code))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    yield run
    if (discover := sys.modules.get("extractors.discover")) is not None:
        # Extractors that the folder's files have registered go with the folder.
        discover.load(())
