"""`dealwire publish` and the setting publish_to."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Cli
from tests.warehouse import samples


@pytest.fixture
def asked(cli: Cli, tmp_path: Path) -> Cli:
    """Commands in a folder with the sample warehouse."""
    samples.fill(tmp_path / "dealwire.duckdb")
    return cli


def test_publish_says_where_the_copy_is_and_when_it_is_the_same(asked: Cli, tmp_path: Path) -> None:
    ran = asked("publish", "copy.duckdb")
    assert ran.code == 0, ran.err
    assert "copy.duckdb: 91 rows in" in ran.err
    assert "holds the same already" in asked("publish", "copy.duckdb").err
    assert json.loads(asked("publish", "copy.duckdb", "--always", "--json").out)["changed"]
    with duckdb.connect(str(tmp_path / "copy.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM deal_overview").fetchone() == (5,)


def test_a_run_publishes_where_the_settings_say(asked: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dealwire.toml").write_text('publish_to = "rows"\n', encoding="utf-8")
    for table in ("feeds", "articles"):
        with duckdb.connect(str(tmp_path / "dealwire.duckdb")) as con:
            con.execute(f"DELETE FROM {table}")
    ran = asked("run", "--inline")
    assert ran.code == 0, ran.err
    assert "rows in" in ran.err
    assert (tmp_path / "rows" / "deal_overview.parquet").exists()
    assert "rows in" not in asked("run", "--inline").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "say where"),
        (("copy.xlsx",), "ends in .duckdb"),
        (("dealwire.duckdb",), "is the warehouse itself"),
        (("none/copy.duckdb",), "there is no folder"),
        (("copy.duckdb", "--db", "none.duckdb"), "there is no database"),
    ],
)
def test_what_cannot_be_published_is_said_in_a_line(asked: Cli, words: tuple[str, ...], said: str) -> None:
    ran = asked("publish", *words)
    assert ran.code == 1
    assert said in ran.err
