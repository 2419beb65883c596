"""`dealwire extractors` and `extract --stale` as an author calls them."""

import io
import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealwire.warehouse import load
from dealwire.warehouse.connect import Warehouse
from schemas import Article
from tests.cli.conftest import Cli

SOURCE = '''
"""Announced job cuts."""

import re
from collections.abc import Iterator

from spacy.tokens import Doc

from dealwire import Record, extractor


class Layoff(Record):
    """One announced cut of jobs."""

    jobs: int
    company: str | None = None


@extractor("layoffs", version="1", record=Layoff, label="LAYOFF", when=lambda text: "jobs" in text)
def layoffs(doc: Doc) -> Iterator[Layoff]:
    for found in re.finditer(r"cut(?:ting)? (\\d[\\d,]*) jobs", doc.text):
        yield Layoff(start=found.start(), end=found.end(), jobs=int(found[1].replace(",", "")))
'''
TEXT = "Intel is cutting 5,000 jobs, and \x1b[2J cut 20 jobs before. It has cut\u00a0more."


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with six articles; not to be changed."""
    path = tmp_path_factory.mktemp("archive") / "dealwire.duckdb"
    with Warehouse(path).write() as con:
        load.store_articles(
            con,
            [
                Article(
                    article_id=f"a{n}",
                    url=f"https://news.example/{n}",
                    site="news.example",
                    title=f"Story {n}",
                    text=f"Story {n}\n\n" + f"{TEXT} It was told on day {n}." * 2,
                    first_seen_at=datetime(2026, 1, 1 + n, tzinfo=UTC),
                    read_status="page",
                )
                for n in range(6)
            ],
        )
    return path


@pytest.fixture
def ready(cli: Cli, tmp_path: Path, archive: Path) -> Cli:
    """A folder with an extractor and some stored articles."""
    (tmp_path / "layoffs.py").write_text(SOURCE)
    (tmp_path / "dealwire.toml").write_text('encoder = false\n[extractors]\npaths = ["layoffs.py"]\n')
    (tmp_path / "a.txt").write_text(TEXT)
    shutil.copy(archive, tmp_path / "dealwire.duckdb")
    return cli


def test_an_author_sees_what_is_found_where(ready: Cli) -> None:
    ran = ready("extractors", "test", "layoffs", "a.txt")
    assert ran.code == 0, ran.err
    assert "Intel is [cutting 5,000 jobs], and" in ran.out
    assert "9–27  'cutting 5,000 jobs'  jobs=5000, company=None" in ran.out
    assert "2 records" in ran.out
    assert "\x1b" not in ran.out
    assert ready("extractors", "test", "layoffs", "a.txt", "--html", "a.html").code == 0
    page = Path("a.html").read_text()
    assert 'title="LAYOFF">cutting 5,000 jobs</mark>' in page
    assert "<h2>layoffs</h2><ul>" in page
    (Path("b.txt")).write_text("Nothing to see.")
    assert "its `when` does not want this text" in ready("extractors", "test", "layoffs", "b.txt").out


def test_what_is_found_is_corrected_and_scored(ready: Cli) -> None:
    (line,) = ready("extractors", "test", "layoffs", "a.txt", "--json").out.splitlines()
    gold = json.loads(line)
    first, _ = gold["records"]["layoffs"]
    gold["records"]["layoffs"] = [first | {"jobs": 6000}, {"start": 68, "end": 76, "jobs": 1}]
    Path("gold.jsonl").write_text(json.dumps(gold) + "\n")
    ran = ready("extractors", "eval", "layoffs", "gold.jsonl", "--json")
    assert ran.code == 0, ran.err
    report = json.loads(ran.out)
    assert [report["span"][part] for part in ("tp", "fp", "fn")] == [1, 1, 1]
    assert [report["record"][part] for part in ("tp", "fp", "fn")] == [0, 2, 2]
    assert report["fields"] == {"company": {"right": 1, "of": 1}, "jobs": {"right": 0, "of": 1}}
    told = ready("extractors", "eval", "layoffs", "gold.jsonl", "--errors", "3").out
    assert "jobs is 5000, should be 6000" in told
    assert "span, missed: 1" in told


def test_mentions_with_its_label_are_gold_as_well(ready: Cli) -> None:
    mentions = [
        {"start": 9, "end": 27, "label": "LAYOFF"},
        {"start": 0, "end": 5, "label": "COMPANY", "entity": "Intel"},
    ]
    Path("gold.jsonl").write_text(json.dumps({"id": 1, "text": TEXT, "mentions": mentions, "deals": []}) + "\n")
    report = json.loads(ready("extractors", "eval", "layoffs", "gold.jsonl", "--json").out)
    assert [report["span"][part] for part in ("tp", "fp", "fn")] == [1, 1, 0]
    whole = json.loads(ready("eval", "gold.jsonl", "--json").out)
    assert [whole["mention"]["LAYOFF"][part] for part in ("tp", "fp", "fn")] == [1, 1, 0]
    assert whole["mention"]["COMPANY"]["tp"] == 1
    Path("gold.jsonl").write_text(json.dumps({"id": 1, "text": TEXT}) + "\n")
    assert 'it needs "records": {"layoffs": [' in ready("extractors", "eval", "layoffs", "gold.jsonl").err


def test_the_way_of_an_extractor_from_its_first_run_to_its_end(ready: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "6 articles to read (layoffs 6), about" in ready("extract", "--stale", "layoffs", "--dry-run").out
    ran = ready("extract", "--stale", "layoffs")
    assert ran.code == 0, ran.err
    assert "6 articles read: 24 layoffs" in ran.err
    assert "extracting       6/6" in ran.err
    assert "every stored article is read already" in ready("extract", "--stale", "layoffs").err
    listed = json.loads(ready("extractors", "list", "--json").out)
    (mine,) = [one for one in listed["extractors"] if one["name"] == "layoffs"]
    assert (mine["reads"], mine["articles"], mine["records"], mine["stale"]) == ("text", 6, 24, 0)
    assert (mine["label"], Path(mine["from"]).name) == ("LAYOFF", "layoffs.py")
    Path("dealwire.toml").write_text("")
    gone = ready("extractors", "list")
    assert "table layoffs is left from the extractor layoffs, which is gone" in gone.err
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    asked = ready("extractors", "drop", "layoffs")
    assert (asked.code, "the table layoffs with 24 records" in asked.err) == (1, True)
    assert "24 records of layoffs deleted" in ready("extractors", "drop", "layoffs", "--yes").err
    assert ready("extractors", "drop", "layoffs", "--yes").code == 1
    assert ready("sql", "SELECT * FROM layoffs").code == 1


def test_one_that_breaks_is_told_where(ready: Cli) -> None:
    Path("layoffs.py").write_text(SOURCE.replace("int(found[1]", "float(found[3]"))
    ran = ready("extractors", "test", "layoffs", "a.txt")
    assert ran.code == 1
    assert "IndexError: no such group" in ran.err
    assert 'layoffs.py", line 22' in ran.err
    ran = ready("extract", "--stale", "layoffs")
    assert ran.code == 0
    assert ran.err.count("IndexError: no such group") == 5
    assert "… and 1 more" in ran.err
    Path("layoffs.py").write_text(SOURCE.replace("class Layoff(Record):", "class Layoff(Record)"))
    ran = ready("extract", "--stale", "layoffs")
    assert ran.code == 1
    assert "there is no extractor 'layoffs'" in ran.err
    assert "layoffs.py: line 12: expected ':'" in ran.err
    assert "BAD layoffs.py: line 12" in ready("extractors", "list").err
    doctor = ready("doctor")
    assert doctor.code == 1
    assert "layoffs.py: line 12" in doctor.out


def test_switching_off_ends_with_an_error_code(ready: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWIRE_EXTRACTORS__FAILURES", "3")
    Path("layoffs.py").write_text(SOURCE.replace("int(found[1]", "float(found[3]"))
    ran = ready("extract", "--stale", "layoffs")
    assert ran.code == 1
    assert "WARNING: SWITCHED OFF: the extractor 'layoffs' failed on 3 articles in a row" in ran.err


def test_extract_tells_custom_records_and_mentions(ready: Cli) -> None:
    found = json.loads(ready("extract", "a.txt").out)
    assert [one["jobs"] for one in found["records"]["layoffs"]] == [5000, 20]
    assert {"start": 9, "end": 27, "label": "LAYOFF"} in found["mentions"]


@pytest.mark.parametrize("name", ["Offices", "table", "articles"])
def test_a_package_gets_no_name_that_an_extractor_could_not_have(cli: Cli, name: str, tmp_path: Path) -> None:
    assert cli("extractors", "new", name).code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_package_is_written_whole_and_never_over_another(cli: Cli, tmp_path: Path) -> None:
    assert cli("extractors", "new", "new_offices").code == 0
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file()) == [
        "new_offices/README.md",
        "new_offices/dealwire_new_offices/__init__.py",
        "new_offices/dealwire_new_offices/py.typed",
        "new_offices/pyproject.toml",
        "new_offices/tests/test_new_offices.py",
    ]
    assert cli("extractors", "new", "new_offices").code == 1
    (tmp_path / "dealwire.toml").write_text('[extractors]\npaths = ["new_offices/dealwire_new_offices"]\n')
    (tmp_path / "a.txt").write_text("Nvidia opens an office in Oslo.")
    assert "place='Oslo'" in cli("extractors", "test", "new_offices", "a.txt").out


@pytest.mark.parametrize("words", [("--dry-run",), ("--stale", "--html", "a.html"), ("--stale", "nothing")])
def test_options_that_do_not_go_together_are_told(ready: Cli, words: tuple[str, ...]) -> None:
    assert ready("extract", *words).code == 1
