"""Copies for other programs: whole, read-only, without secrets, and never in the way of those who read the last one."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as parquet
import pytest

from dealwire.steps import publish
from dealwire.warehouse import copies, load, migrate, subscriptions
from dealwire.warehouse.connect import Warehouse
from schemas import Feed, Record
from schemas.errors import InvalidInput
from schemas.subscription import Subscription
from tests.warehouse import samples

# The copies that several tests look at are made once.
pytestmark = pytest.mark.xdist_group("copies")

HOLD = """
import sys, duckdb
con = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.readline()
print(con.execute("SELECT count(*) FROM deal_overview").fetchone()[0], flush=True)
"""


class Layoff(Record):
    """One announced cut of jobs."""

    jobs: int | None = None


@pytest.fixture(scope="module")
def published(filled_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy in each form of a warehouse that holds secrets and a table of a user's extractor."""
    folder = tmp_path_factory.mktemp("published")
    store = Warehouse(Path(shutil.copy(filled_once, folder / "home.duckdb")))
    extractor = samples.Extractor("layoffs", Layoff, "layoffs")
    found = samples.find(Layoff, samples.FIRST, "AMD", jobs=100)
    with store.write() as con:
        load.store_feeds(con, [Feed(feed_id="own", url="https://me:hunter2@own.example/rss", added_at=samples.NOW)])
        subscriptions.store(
            con, [Subscription(feed_id="own", token="hunter2-token", secret="hunter2-secret", checked_at=samples.NOW)]
        )
        load.store_outcomes(con, [(samples.FIRST.article_id, [samples.Outcome(extractor, (found,))])])
    (folder / "rows").mkdir()
    copies.write(store, folder / "copy.duckdb")
    copies.write(store, folder / "rows")
    return folder


def counts(con: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, ...]]:
    names = [*copies.public(con), *(view.name for view in migrate.views() if view.number)]
    return {name: con.execute(f'SELECT count(*), bit_xor(hash("{name}")) FROM "{name}"').fetchone() for name in names}


def test_a_file_holds_the_same_rows_views_and_comments(published: Path) -> None:
    with duckdb.connect(str(published / "copy.duckdb"), read_only=True) as copy:
        with Warehouse(published / "home.duckdb").read() as home:
            here, there = counts(home), counts(copy)
        # The one address with a password is not the same.
        assert [name for name in here if here[name] != there[name]] == ["feeds", "feed_health"]
        assert copy.execute("SELECT jobs FROM layoffs").fetchall() == [(100,)]
        told = "SELECT comment FROM duckdb_columns() WHERE table_name = ? AND comment IS NOT NULL"
        for name in ("deal_overview", "deals", "layoffs"):
            assert copy.execute(told, [name]).fetchall(), name


def test_a_folder_holds_a_file_for_each_table_and_view(published: Path) -> None:
    with Warehouse(published / "home.duckdb").read() as home:
        expected = {name: found[0] for name, found in counts(home).items()}
    found = {one.stem: parquet.read_metadata(one).num_rows for one in (published / "rows").iterdir()}
    assert found == expected
    amounts = duckdb.sql(f"SELECT typeof(usd_max), typeof(payers) FROM '{published}/rows/deals.parquet' LIMIT 1")
    assert amounts.fetchone() == ("DECIMAL(38,2)", "VARCHAR[]")


def test_dealwire_itself_can_ask_a_copy(published: Path) -> None:
    with Warehouse(published / "copy.duckdb").read() as con:
        assert con.execute("SELECT count(*) FROM alliance_overview").fetchone() == (3,)


def test_no_secret_leaves_the_warehouse(published: Path) -> None:
    assert b"hunter2" in (published / "home.duckdb").read_bytes()
    files = [published / "copy.duckdb", *(published / "rows").iterdir()]
    assert [one.name for one in files if b"hunter2" in one.read_bytes()] == []
    with Warehouse(published / "home.duckdb").read() as home:
        names = set(copies.public(home))
        columns = home.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    held = [(table, column) for table, column in columns if re.search("secret|token|password|target", column)]
    assert [one for one in held if one[0] in names] == []


def test_a_back_up_holds_everything_and_is_its_owners_alone(published: Path) -> None:
    place = published / "whole.db"
    copies.write(Warehouse(published / "home.duckdb"), place, whole=True)
    try:
        assert oct(place.stat().st_mode & 0o777) == "0o400"
        with Warehouse(published / "home.duckdb").read() as home, Warehouse(place).read() as copy:
            assert counts(home) == counts(copy)
            assert copy.execute("SELECT secret FROM subscriptions").fetchall() == [("hunter2-secret",)]
            assert copy.execute("SELECT count(*) > 5 FROM outbox").fetchone() == (True,)
    finally:
        place.unlink()


def test_nobody_may_write_to_a_copy_and_nothing_lies_beside_it(published: Path) -> None:
    files = [published / "copy.duckdb", *(published / "rows").iterdir()]
    assert {oct(one.stat().st_mode & 0o222) for one in files} == {"0o0"}
    left = [one.name for one in published.iterdir() if not re.fullmatch(r"\.rows\.\d+\.copy", one.name)]
    assert sorted(left) == ["copy.duckdb", "home.duckdb", "rows"]


def test_who_has_a_copy_open_keeps_it_and_dealwire_does_not_wait(filled: Warehouse, tmp_path: Path) -> None:
    place = tmp_path / "copy.duckdb"
    copies.write(filled, place)
    command = [sys.executable, "-c", HOLD, str(place)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "open\n"
        with filled.write() as con:
            con.execute("DELETE FROM deals WHERE deal_id = 'd-talks'")
        copies.write(filled, place)
        told, _ = reader.communicate("\n", timeout=30)
        assert told == "5\n"
    with duckdb.connect(str(place), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM deal_overview").fetchone() == (4,)


def test_a_folder_is_replaced_at_one_stroke_and_the_one_before_stays_for_its_readers(
    filled: Warehouse, tmp_path: Path
) -> None:
    place = tmp_path / "rows"
    seen = []
    for _ in range(3):
        copies.write(filled, place)
        seen.append(place.resolve())
    assert len(set(seen)) == 3
    assert [one.exists() for one in seen] == [False, True, True]


def test_a_copy_is_made_only_when_something_has_changed(filled: Warehouse, tmp_path: Path) -> None:
    settings = samples.settings(filled, publish_to=tmp_path / "rows")
    first = publish(settings)
    assert first
    assert (first.changed, first.error, first.form) == (True, None, "parquet")
    assert first.rows > 0
    with filled.write() as con:
        con.execute("INSERT INTO polls SELECT * REPLACE (now() AS polled_at) FROM polls")
        con.execute("UPDATE feeds SET last_polled_at = now(), next_due_at = now()")
    again = publish(settings)
    assert again
    assert not again.changed
    with filled.write() as con:
        con.execute("UPDATE deals SET status = 'ended' WHERE deal_id = 'd-talks'")
    later = publish(settings)
    assert later
    assert later.changed
    (tmp_path / "rows").unlink()
    gone = publish(settings)
    assert gone
    assert gone.changed, "a copy that somebody has removed is made anew"
    with filled.read() as con:
        told = con.execute("SELECT place, form, rows, error FROM publications").fetchall()
    assert told == [(str(tmp_path / "rows"), "parquet", gone.rows, None)]


def test_a_worker_that_goes_on_all_the_time_spares_the_warehouse(filled: Warehouse, tmp_path: Path) -> None:
    settings = samples.settings(filled, publish_to=tmp_path / "rows")
    publish(settings)
    with filled.write() as con:
        con.execute("UPDATE deals SET status = 'ended' WHERE deal_id = 'd-talks'")
        con.execute("UPDATE publications SET seconds = 60")
    skipped = publish(settings, sparing=True)
    assert skipped
    assert not skipped.changed
    with filled.write() as con:
        con.execute("UPDATE publications SET published_at = now() - INTERVAL 11 MINUTE")
    made = publish(settings, sparing=True)
    assert made
    assert made.changed


def test_without_the_setting_nothing_is_published(filled: Warehouse) -> None:
    assert publish(samples.settings(filled)) is None


def test_what_keeps_a_copy_from_being_made_is_told_and_the_last_one_stays(filled: Warehouse, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    report = publish(samples.settings(filled, publish_to=mine))
    assert report
    assert "holds other files" in str(report.error)
    assert [one.name for one in mine.iterdir()] == ["notes.txt"]
    with filled.read() as con:
        assert con.execute("SELECT error FROM publications").fetchone() == (report.error,)


@pytest.mark.file_only
@pytest.mark.parametrize(
    ("name", "reason"),
    [("copy.xlsx", "ends in .duckdb"), ("none/copy.duckdb", "no folder"), ("sample.duckdb", "itself")],
)
def test_a_place_that_cannot_be_is_refused(filled: Warehouse, tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        copies.write(filled, tmp_path / name)


def test_what_a_killed_process_left_is_removed_after_an_hour(filled: Warehouse, tmp_path: Path) -> None:
    old, fresh = tmp_path / ".rows.1.aside", tmp_path / ".rows.2.aside"
    for one in (old, fresh):
        one.mkdir()
    then = datetime.now(UTC).timestamp() - 7200
    os.utime(old, (then, then))
    copies.write(filled, tmp_path / "rows")
    assert (old.exists(), fresh.exists()) == (False, True)
