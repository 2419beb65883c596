"""Stored articles are read by the extractors that are stale for them; one bad extractor costs itself alone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from dealwire import at_work, extraction, steps
from dealwire.settings import Extractors, Settings
from dealwire.warehouse import load
from extractors import builtin, discover, processes, registry
from schemas import Article, content_id
from schemas.errors import ExtractorRefused, InvalidInput, RecordIncompatible, WarehouseMissing

COUNT = 30
SOURCE = '''
"""Numbers in articles."""
import time
from collections.abc import Iterator
from dealwire import Record, extractor

class Number(Record):
    """One number."""
    value: int
    {fields}

@extractor("{name}", version="{version}", record=Number{more})
def {name}(doc) -> Iterator[Number]:
    number = int(doc.text.split()[1])
    {body}
    yield Number(start=0, end=5, value=number)
'''


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    builtin.extractors()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry, "_registered", dict(registry._registered))
    yield
    discover.load(())


@pytest.fixture
def settings() -> Settings:
    """A warehouse with articles, and a file that holds an extractor."""
    found = Settings(database=Path("stored.duckdb"), encoder=False, extractors=Extractors(paths=("numbers.py",)))
    with steps.warehouse(found).write() as db:
        load.store_articles(db, [article(number) for number in range(COUNT)])
    write()
    return found


def article(number: int, text: str = "is told") -> Article:
    url = f"https://news.example/{number:03}"
    when: Any = f"2026-01-01T00:00:{number:02}+00:00"
    return Article(
        article_id=content_id(url), url=url, site="news.example", title="", text=f"Story {number} {text}",
        first_seen_at=when, read_status="page",
    )  # fmt: skip


def write(
    path: str = "numbers.py",
    name: str = "numbers",
    version: str = "1",
    body: str = "",
    fields: str = "",
    more: str = "",
) -> None:
    Path(path).write_text(SOURCE.format(name=name, version=version, body=body or "pass", fields=fields, more=more))


def asked(settings: Settings, query: str) -> list[Any]:
    with steps.warehouse(settings).read() as db:
        return db.execute(query).fetchall()


def test_only_what_is_stale_is_read_and_old_rows_are_replaced(settings: Settings) -> None:
    told: list[tuple[str, int, int]] = []
    report = steps.extract(settings, names=["numbers"], progress=lambda *one: told.append(one))
    assert (report.articles, report.records, report.failed, report.warnings) == (COUNT, {"numbers": COUNT}, 0, ())
    assert (told[0], told[-1]) == (("extract", 0, COUNT), ("extract", COUNT, COUNT))
    assert asked(settings, "SELECT DISTINCT extractor, version FROM extractions") == [("numbers", "1")]
    assert steps.extract(settings, names=["numbers"]).articles == 0
    with steps.warehouse(settings).write() as db:
        load.store_articles(db, [article(3, "is told anew")])
    assert steps.extract(settings, names=["numbers"]).articles == 1
    write(version="2", fields="big: bool = False", body="if number < 10: return")
    assert steps.extract(settings, names=["numbers"]).articles == COUNT
    rows = asked(settings, "SELECT version, big, count(*), min(value) FROM numbers GROUP BY ALL")
    assert rows == [("2", False, COUNT - 10, 10)]


def test_an_article_is_read_by_those_that_have_not_read_it(settings: Settings) -> None:
    write("others.py", "others")
    more = settings.model_copy(update={"extractors": Extractors(paths=("numbers.py", "others.py"))})
    steps.extract(settings, names=["numbers"])
    with steps.warehouse(settings).write() as db:
        load.store_articles(db, [article(COUNT)])
    report = steps.extract(more, names=["numbers", "others"])
    assert (report.articles, report.records) == (COUNT + 1, {"numbers": 1, "others": COUNT + 1})


def test_what_is_to_be_done_is_foretold_and_not_done(settings: Settings) -> None:
    found = extraction.estimate(settings, names=["numbers"])
    assert (found.articles, found.by_extractor) == (COUNT, {"numbers": COUNT})
    assert 0 < found.seconds < 60
    assert asked(settings, "SELECT table_name FROM duckdb_tables() WHERE table_name = 'numbers'") == []
    assert asked(settings, "SELECT count(*) FROM extractions") == [(0,)]
    steps.extract(settings, names=["numbers"])
    assert extraction.estimate(settings, names=["numbers"]).articles == 0
    with pytest.raises(WarehouseMissing):
        extraction.estimate(settings.model_copy(update={"database": Path("nowhere.duckdb")}))


def test_a_run_that_is_stopped_goes_on_from_there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extraction, "_STORE_SECONDS", 0.0)
    some = settings.model_copy(update={"batch": 10})

    def stop(stage: str, done: int, total: int) -> None:
        if done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.extract(some, names=["numbers"], progress=stop)
    assert asked(some, "SELECT count(*) FROM numbers") == [(10,)]
    assert steps.extract(some, names=["numbers"]).articles == COUNT - 10
    assert asked(some, "SELECT count(*), count(DISTINCT article_id) FROM numbers") == [(COUNT, COUNT)]


def test_an_article_that_fails_is_in_the_ledger_with_the_end_of_the_traceback(settings: Settings) -> None:
    write(body="if number == 7: raise ValueError(f'no {number}')")
    report = steps.extract(settings, names=["numbers"])
    assert (report.records, report.failed, report.switched_off) == ({"numbers": COUNT - 1}, 1, ())
    ((error,),) = asked(settings, "SELECT error FROM extractions WHERE status = 'failed'")
    assert error.endswith("ValueError: no 7")
    assert "numbers.py" in error
    assert "raise ValueError(f'no {number}')" in error


def test_one_that_keeps_failing_is_switched_off_loudly_and_its_articles_wait(settings: Settings) -> None:
    write(body="if number >= 5: raise ValueError(f'no {number}')")
    write("others.py", "others", more=', requires=["numbers"]')
    write("third.py", "third")
    own = Extractors(paths=("numbers.py", "others.py", "third.py"), failures=4)
    some = settings.model_copy(update={"extractors": own})
    report = steps.extract(some, names=["numbers", "others", "third"])
    assert report.switched_off == ("numbers", "others")
    (warning,) = report.warnings
    assert warning.startswith("SWITCHED OFF: the extractor 'numbers' failed on 4 articles in a row")
    assert warning.endswith("the last time: ValueError: no 8")
    assert report.records["third"] == COUNT
    counts = "SELECT extractor, status, count(*) FROM extractions GROUP BY ALL ORDER BY ALL"
    assert asked(some, counts) == [
        ("numbers", "failed", 4),
        ("numbers", "ok", 5),
        ("others", "failed", 3),
        ("others", "ok", 5),
        ("third", "ok", COUNT),
    ]
    write(version="2")
    report = steps.extract(some, names=["numbers", "others"])
    assert (report.switched_off, report.records["numbers"]) == ((), COUNT)


def test_a_new_version_of_one_that_is_required_is_one_of_those_that_require_it(settings: Settings) -> None:
    write("others.py", "others", more=', requires=["numbers"]')
    write("third.py", "third", more=', requires=["others"]')
    write("apart.py", "apart", more=', requires=["money"]')
    own = Extractors(paths=("numbers.py", "others.py", "third.py", "apart.py"))
    some, names = settings.model_copy(update={"extractors": own}), ["numbers", "others", "third", "apart"]
    steps.extract(some, names=names)
    write(version="2")
    found = extraction.estimate(some, names=names)
    assert found.by_extractor == {"numbers": COUNT, "others": COUNT, "third": COUNT}
    # What it finds in the version that runs before it is not made again when that one is stored.
    assert steps.extract(some, names=["third"]).records == {"third": COUNT}
    assert steps.extract(some, names=names).records == {"numbers": COUNT, "others": COUNT}
    rests_on = "SELECT DISTINCT extractor, version, rests_on FROM extractions ORDER BY ALL"
    assert asked(some, rests_on) == [
        ("apart", "1", f"money {registry.get('money').version}"),
        ("numbers", "2", None),
        ("others", "1", "numbers 2"),
        ("third", "1", "numbers 2, others 1"),
    ]


def test_a_crash_costs_its_articles_record_once_the_next_run_has_begun(settings: Settings) -> None:
    write(body="import os; number == 7 and os.kill(os.getpid(), 11)")
    alone = settings.model_copy(update={"processes": 1})
    program = "from dealwire import settings, steps; steps.extract(settings.load(processes=1), names=['numbers'])"
    told = {"DEALWIRE_DATABASE": "stored.duckdb", "DEALWIRE_EXTRACTORS__PATHS": "numbers.py"}
    told["PYTHONPATH"] = str(Path(extraction.__file__).parents[1])
    ran = subprocess.run([sys.executable, "-P", "-c", program], env=os.environ | told, check=False)
    assert ran.returncode == -signal.SIGSEGV
    report = steps.extract(alone, names=["numbers"])
    assert (report.articles, report.records, report.failed) == (COUNT, {"numbers": COUNT - 1}, 1)
    assert "the process that ran it on this article was killed by SIGSEGV" in report.errors[0]
    (warning,) = report.warnings
    assert warning.startswith(f"the extractor 'numbers' was reading the article {article(7).article_id} when")
    write(version="2")
    assert steps.extract(alone, names=["numbers"]).warnings == ()


def test_a_crash_of_one_that_no_other_process_finds_is_not_tried_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = at_work.Mark(left=(at_work.Left(article(7).article_id, "numbers"),))
    monkeypatch.setattr(at_work, "marked", lambda database: nullcontext(left))
    monkeypatch.setattr(processes, "importable", lambda one: False)
    write(body="if number == 7: raise SystemExit('as a crash would')")
    report = steps.extract(settings, names=["numbers"])
    assert (report.records, report.failed) == ({"numbers": COUNT - 1}, 0)
    assert report.warnings[0].endswith("it is not tried on that article again")
    assert asked(settings, "SELECT extractor, status FROM extractions WHERE status <> 'ok'") == [("numbers", "failed")]


def test_failures_that_are_not_in_a_row_switch_nothing_off(settings: Settings) -> None:
    write(body="if number % 4: raise ValueError('three of four')")
    own = settings.extractors.model_copy(update={"failures": 4})
    report = steps.extract(settings.model_copy(update={"extractors": own}), names=["numbers"])
    assert (report.failed, report.switched_off) == (22, ())


def test_a_hang_costs_its_article(settings: Settings) -> None:
    write(body="if number == 3: time.sleep(60)")
    own = settings.extractors.model_copy(update={"seconds": 0.2})
    report = steps.extract(settings.model_copy(update={"extractors": own}), names=["numbers"])
    assert (report.failed, report.records) == (1, {"numbers": COUNT - 1})
    assert report.errors[0].endswith("it took more than 0.2 s on this article")


@pytest.mark.skipif(sys.platform != "linux", reason="no such limit here")
def test_a_memory_hog_costs_its_article(settings: Settings) -> None:
    write(body="hog = [[0] * 10**6 for _ in range(10**5)] if number == 3 else None")
    own = settings.extractors.model_copy(update={"megabytes": 100})
    report = steps.extract(settings.model_copy(update={"extractors": own}), names=["numbers"])
    assert (report.failed, report.records) == (1, {"numbers": COUNT - 1})
    assert report.errors[0].endswith("it took more than 100 MB on this article")


def test_what_is_refused_leaves_the_others_at_work_and_is_raised_where_it_is_named(settings: Settings) -> None:
    write("others.py", "others")
    more = settings.model_copy(update={"extractors": Extractors(paths=("numbers.py", "others.py"))})
    steps.extract(more, names=["numbers"])
    write(fields="more: str = ''")
    with pytest.raises(ExtractorRefused, match="more is new"):
        steps.extract(more, names=["numbers"])
    write(version="2", fields="more: str")
    with pytest.raises(RecordIncompatible, match="field more is new and required"):
        steps.extract(more, names=["numbers"])
    chosen = extraction.plan(more)
    assert [one.name for one in chosen.using if one.custom] == ["others"]
    assert [line for line in chosen.warnings if line.endswith("; the other extractors go on")] == list(chosen.warnings)
    Path("numbers.py").write_text("1 / 0\n")
    (warning,) = extraction.plan(more).warnings
    assert warning == "numbers.py: line 1: ZeroDivisionError: division by zero"
    with pytest.raises(InvalidInput, match=r"there is no extractor 'numbers'; there are: money.*; numbers\.py: line 1"):
        steps.extract(more, names=["numbers"])


def test_one_that_is_gone_leaves_its_table_and_says_so_once(settings: Settings) -> None:
    steps.extract(settings, names=["numbers"])
    without = settings.model_copy(update={"extractors": Extractors()})
    (warning,) = extraction.plan(without).warnings
    assert warning == (
        "the extractor 'numbers' is gone; its table numbers stays, `dealwire extractors drop numbers` deletes it"
    )
    assert extraction.plan(without).warnings == ()
    assert asked(without, "SELECT count(*) FROM numbers") == [(COUNT,)]
