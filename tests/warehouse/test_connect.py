"""Opening: who may open what, who waits for whom, and what a killed process leaves."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from dealwire.warehouse import load, migrate, queries
from dealwire.warehouse.connect import Warehouse
from schemas.errors import InvalidInput, NotAWarehouse, WarehouseLocked, WarehouseMissing, WarehouseTooNew
from tests.warehouse import samples

pytestmark = [pytest.mark.usefixtures("made_anew"), pytest.mark.file_only]


@contextmanager
def process(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another Python process; the block begins when it has printed its first line."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout
        assert child.stdout.readline(), "the other process ended early"
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


HOLD = """
import duckdb, sys, time
con = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read")
print("open", flush=True)
time.sleep(float(sys.argv[3]))
"""
WRITE = """
import sys
from pathlib import Path
from dealwire.warehouse.connect import Warehouse
store = Warehouse(Path(sys.argv[1]), wait_seconds=30)
print("started", flush=True)
for number in range(int(sys.argv[3])):
    with store.write() as con:
        for part in ("a", "b"):
            con.execute("INSERT INTO currency_rates VALUES (?, DATE '2025-01-01', ?)", [sys.argv[2] + part, number])
"""


def counted(store: Warehouse) -> dict[str, int]:
    with store.read() as con:
        return dict(con.execute("SELECT currency, count(*) FROM currency_rates GROUP BY currency").fetchall())


def test_writing_makes_the_file_and_reading_sees_it(warehouse: Warehouse) -> None:
    with warehouse.write() as con:
        load.store_articles(con, [samples.FIRST])
    with warehouse.read() as con:
        assert queries.article(con, samples.FIRST.article_id[:6])
        with pytest.raises(duckdb.Error, match="read-only"):
            con.execute("DELETE FROM articles")
    assert [one.name for one in warehouse.path.parent.iterdir()] == [warehouse.path.name]


def test_a_block_that_raises_changes_nothing(filled: Warehouse) -> None:
    def change_and_fail() -> None:
        with filled.write() as con:
            con.execute("DELETE FROM deals")
            raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()
    with filled.read() as con:
        assert len(queries.deals(con)) == 5


def test_reading_without_a_file_says_that_there_is_none_and_makes_none(warehouse: Warehouse) -> None:
    with pytest.raises(WarehouseMissing, match="there is no database"), warehouse.read():
        pass
    assert not warehouse.path.exists()


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "the file is empty"), (b"name,price\n" * 2000, "it is not a DuckDB file")]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "file-with-lock-in-its-name.db"
    path.write_bytes(content)
    store = Warehouse(path, wait_seconds=30)
    for opened in (store.read, store.write):
        with pytest.raises(NotAWarehouse, match=reason), opened():
            pass
    assert path.read_bytes() == content


def test_a_database_with_other_tables_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE invoices (a INTEGER)")
    for opened in (Warehouse(path).read, Warehouse(path).write):
        with pytest.raises(NotAWarehouse, match="other tables: invoices"), opened():
            pass
    with duckdb.connect(str(path)) as con:
        assert con.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("invoices",)]


def test_a_folder_that_is_missing_or_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAWarehouse, match="no folder"), Warehouse(tmp_path / "none" / "a.duckdb").write():
        pass
    with pytest.raises(NotAWarehouse, match="directory"), Warehouse(tmp_path).write():
        pass


def test_a_database_of_a_newer_dealwire_is_refused(filled: Warehouse) -> None:
    with filled.write() as con:
        con.execute("INSERT INTO schema_changes VALUES (99, 'later', now())")
    for opened in (filled.read, filled.write):
        with pytest.raises(WarehouseTooNew, match="99"), opened():
            pass


def test_reading_an_older_file_brings_it_up_to_date_first(filled: Warehouse) -> None:
    with filled.write() as con:
        con.execute("DROP VIEW money_flows")
        con.execute("UPDATE schema_changes SET name = 'views of an older version' WHERE number = 0")
    with filled.read() as con:
        assert queries.flows(con)
        assert not migrate.outdated(con, filled.path)


def test_another_process_is_waited_for(filled: Warehouse) -> None:
    told: list[str] = []
    store = Warehouse(filled.path, wait_seconds=30, on_wait=told.append)
    with process(HOLD, filled.path, "write", 1.5) as holder, store.write() as con:
        con.execute("DELETE FROM deals")
    assert told == [f"process {holder.pid} ({Path(sys.executable).resolve().name})"]


@pytest.mark.parametrize("mode", ["read", "write"])
def test_who_holds_the_file_too_long_is_named(filled: Warehouse, mode: str) -> None:
    store = Warehouse(filled.path, wait_seconds=0.3)
    with process(HOLD, filled.path, mode, 60) as holder:
        started = time.monotonic()
        with pytest.raises(WarehouseLocked, match=f"held by process {holder.pid}") as caught, store.write():
            pass
        assert 0.3 <= time.monotonic() - started < 5
    assert str(filled.path) in str(caught.value)
    with filled.read() as con:
        assert len(queries.deals(con)) == 5


def test_a_writer_that_waits_for_another_program_keeps_no_reader_from_saying_so(filled: Warehouse) -> None:
    told = threading.Event()

    def write() -> None:
        with pytest.raises(WarehouseLocked), Warehouse(filled.path, wait_seconds=8).write():
            """Never."""

    with process(HOLD, filled.path, "write", 60):
        writer = threading.Thread(target=write)
        writer.start()
        time.sleep(0.2)
        reader = Warehouse(filled.path, wait_seconds=4, on_wait=lambda _: told.set())
        with pytest.raises(WarehouseLocked, match="held by process"), reader.read():
            """Never."""
        assert told.is_set()
        writer.join()


def test_two_readers_do_not_wait_for_each_other(filled: Warehouse) -> None:
    store = Warehouse(filled.path, wait_seconds=0)
    with process(HOLD, filled.path, "read", 60), store.read() as con:
        assert len(queries.deals(con)) == 5


def test_processes_that_write_at_once_take_turns_and_lose_nothing(warehouse: Warehouse) -> None:
    with process(WRITE, warehouse.path, "x", 12) as one, process(WRITE, warehouse.path, "y", 12) as other:
        assert (one.wait(60), other.wait(60)) == (0, 0)
    assert counted(warehouse) == {"xa": 12, "xb": 12, "ya": 12, "yb": 12}


def test_threads_that_write_and_read_at_once_take_turns(filled: Warehouse) -> None:
    failed: list[Exception] = []

    def work(name: str) -> None:
        try:
            for number in range(5):
                with filled.write() as con:
                    con.execute("INSERT INTO currency_rates VALUES (?, DATE '2025-01-01', ?)", [name, number])
                assert counted(filled)[name] == number + 1
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=[f"thread {number}"]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3])
def test_a_killed_writer_leaves_whole_transactions(warehouse: Warehouse, seconds: float) -> None:
    with process(WRITE, warehouse.path, "x", 10_000) as writer:
        time.sleep(seconds)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    if warehouse.path.exists():
        found = counted(warehouse)
        assert found.get("xa", 0) == found.get("xb", 0)
    with warehouse.write() as con:
        load.store_articles(con, [samples.FIRST])
    with warehouse.read() as con:
        assert queries.article(con, samples.FIRST.article_id)


def test_a_transaction_that_was_open_when_the_process_was_killed_never_happened(filled: Warehouse) -> None:
    code = """
import sys, time
from pathlib import Path
from dealwire.warehouse.connect import Warehouse
with Warehouse(Path(sys.argv[1])).write() as con:
    con.execute("INSERT INTO currency_rates VALUES ('first', DATE '2025-01-01', 1)")
    con.execute("DELETE FROM deals")
    print("in the middle", flush=True)
    time.sleep(60)
"""
    with process(code, filled.path) as writer:
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert "first" not in counted(filled)
    with filled.read() as con:
        assert len(queries.deals(con)) == 5


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="needs a limit on the size of files")
def test_a_full_disk_is_told_and_what_was_stored_stays(filled: Warehouse) -> None:
    code = """
import resource, signal, sys
from pathlib import Path
from dealwire.warehouse.connect import Warehouse
from schemas.errors import WarehouseUnwritable
path = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, path.stat().st_size))
try:
    with Warehouse(path).write() as con:
        con.execute("DELETE FROM deals")
        con.execute("INSERT INTO currency_rates SELECT uuid()::VARCHAR, DATE '2025-01-01', random() FROM range(500000)")
except WarehouseUnwritable as error:
    print(error, flush=True)
"""
    done = subprocess.run([sys.executable, "-c", code, str(filled.path)], capture_output=True, text=True, timeout=60)
    assert "could not be written" in done.stdout, done.stderr
    with filled.read() as con:
        assert len(queries.deals(con)) == 5


def test_what_a_process_killed_while_making_the_file_left_is_cleared_away(warehouse: Warehouse) -> None:
    left = warehouse.path.with_name(f".{warehouse.path.name}.1.new")
    fresh = warehouse.path.with_name(f".{warehouse.path.name}.2.new.wal")
    for one in (left, fresh):
        one.write_bytes(b"half")
    os.utime(left, (0, 0))
    with warehouse.write():
        pass
    assert not left.exists()
    assert fresh.exists()


def test_a_file_that_cannot_be_brought_up_to_date_says_so(filled: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled.write() as con:
        con.execute("UPDATE schema_changes SET name = 'older' WHERE number = 0")
    connect = duckdb.connect

    def read_only_disk(path: str, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        if not read_only:
            raise duckdb.IOException(f'IO Error: Cannot open file "{path}": Read-only file system')
        return connect(path, read_only=True)

    monkeypatch.setattr(duckdb, "connect", read_only_disk)
    with pytest.raises(InvalidInput, match=r"cannot be written .*Read-only file system"), filled.read():
        pass
