"""`dealwire warehouse copy`, and commands on a DuckLake."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dealwire.cli.app import app
from schemas.errors import InvalidInput
from tests.postgres import Postgres
from tests.warehouse import samples


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_a_file_becomes_a_lake_on_which_commands_work_and_a_file_again(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    samples.fill(tmp_path / "sample.duckdb")
    lake = postgres.lake(tmp_path / "rows")
    monkeypatch.setenv("DEALWIRE_DATABASE", lake.address.whole)
    told = []
    for words in (
        ("warehouse", "copy", "sample.duckdb", lake.place, "--data-path", str(tmp_path / "rows")),
        ("deals", "--json"),
        ("sql", "SELECT count(*) AS n FROM money_flows", "--csv"),
        ("doctor",),
        ("status", "--no-fail"),
        ("publish", "copy.duckdb"),
        ("export", "deals", "--out", "deals.csv"),
        ("warehouse", "copy", lake.place, "back.duckdb"),
    ):
        code, output = run(*words)
        assert code == 0, output
        told.append(output)
    # The password is in the environment, and nowhere else.
    assert postgres.password not in "".join(told)
    assert "copied from" in told[0]
    assert "d-round" in told[1]
    assert lake.place in told[3]
    with pytest.raises(InvalidInput, match="was reported as wrong"):
        run("claims", "restore", "none")
    before = run("deals", "--json", "--db", "sample.duckdb")
    for place in ("back.duckdb", "copy.duckdb"):
        assert run("deals", "--json", "--db", place) == before
    assert (0, told[1]) == before
    lake.close()
