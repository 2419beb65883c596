"""Progress: plain lines without a terminal, a last line that says all is done, counts where no total is known."""

import pytest

from dealwire.cli.progress import Reporter


def test_lines_tell_the_beginning_and_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter() as progress:
        for done in range(101):
            progress("backfill", done, 100)
    lines = [line.split() for line in capsys.readouterr().err.splitlines() if "/" in line]
    assert [line[-1] for line in lines] == ["0/100", "100/100"]


def test_without_a_total_the_count_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with Reporter() as progress:
        progress("extract", 64, 0)
    assert capsys.readouterr().err.split() == ["extracting", "64"]


def test_on_a_terminal_there_are_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with Reporter() as progress:
        progress("read", 1, 2)
        progress("extract", 5, 0)
        assert progress._bars is not None
        assert [(task.completed, task.total) for task in progress._bars.tasks] == [(1, 2), (5, None)]
