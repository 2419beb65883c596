"""`dealwire companies`: listing, merging and splitting."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.warehouse import samples


@pytest.fixture
def filled(cli: Cli, tmp_path: Path) -> Cli:
    """The command line in a folder that holds the sample warehouse."""
    samples.fill(tmp_path / "dealwire.duckdb")
    return cli


def names(cli: Cli, *words: str) -> list[str]:
    ran = cli("companies", *words, "--json")
    assert ran.code == 0, ran.err
    return [row["name"] for row in json.loads(ran.out)]


def test_companies_lists_with_and_without_saying_so(filled: Cli) -> None:
    assert set(names(filled)) == {"OpenAI", "AMD", "Zeta", "Alpha", "Beta", "Gamma", "Delta"}
    assert names(filled, "open") == names(filled, "list", "OPEN") == ["OpenAI"]
    assert names(filled, "--limit", "2") == ["AMD", "OpenAI"]
    assert "merge" in filled("companies", "--help").out


def test_merging_and_splitting_say_what_became_of_the_deals(filled: Cli) -> None:
    ran = filled("companies", "merge", "Beta", "Alpha", "--yes")
    assert ran.code == 0, ran.err
    assert "Beta (1 mentions in 1 articles) is Alpha now" in ran.err
    assert "Beta" not in names(filled)
    assert "Beta" in filled("companies", "merged").out
    assert json.loads(filled("companies", "merged", "--json").out)[0]["into_name"] == "Alpha"
    assert "already" in filled("companies", "merge", "Beta", "Alpha").err
    assert "company of its own again" in filled("companies", "split", "beta").err
    assert "Beta" in names(filled)
    assert "no company was merged" in filled("companies", "merged").err


@pytest.mark.parametrize(("answer", "done"), [("y\n", True), ("n\n", False), ("", False)])
def test_merging_asks_first(filled: Cli, monkeypatch: pytest.MonkeyPatch, answer: str, done: bool) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    ran = filled("companies", "merge", "Beta", "Alpha")
    assert (ran.code == 0) is done
    assert ("Beta" not in names(filled)) is done
    assert done or "nothing was changed" in ran.err


def test_an_unknown_company_is_answered_with_near_names(filled: Cli) -> None:
    ran = filled("companies", "merge", "Betta", "Alpha", "--yes")
    assert ran.code == 1
    assert ran.err == "dealwire: there is no company 'Betta'; near: Beta\n"


def test_merging_needs_a_database(cli: Cli, tmp_path: Path) -> None:
    for words in (("merge", "A", "B", "--yes"), ("split", "A"), ("merged",)):
        ran = cli("companies", *words)
        assert ran.code == 1
        assert "there is no database" in ran.err
    assert not (tmp_path / "dealwire.duckdb").exists()


def test_doctor_and_init_know_of_names_of_ones_own(cli: Cli, tmp_path: Path) -> None:
    assert cli("init").code == 0
    path = tmp_path / "dealwire.toml"
    path.write_text(path.read_text().replace("# companies = []", 'companies = ["mine.csv"]'))
    (tmp_path / "mine.csv").write_text("name,aliases\nAcme,\nqlyra\n")
    ran = cli("doctor")
    assert ran.code == 0, ran.out
    assert "(2 yours)" in ran.out
    (tmp_path / "mine.csv").write_text("name,aliases\n,\nx,y,z\n")
    ran = cli("doctor")
    assert ran.code == 1
    assert "mine.csv line 3" in ran.out
    (tmp_path / "mine.csv").write_text("name\nqlyra\n")
    (tmp_path / "a.txt").write_text("Last week qlyra invested $5 million in Intel.")
    found = json.loads(cli("extract", "a.txt").out)
    assert "qlyra" in [one.get("entity") for one in found["mentions"]]
