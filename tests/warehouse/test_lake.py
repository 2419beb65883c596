"""The warehouse on a DuckLake: several write, none is lost, nothing is there twice, and no password gets out."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dealwire.warehouse import copies, custom_tables, load, queries, transfer
from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.lake import Lake
from schemas.errors import (
    InvalidInput,
    QueryFailed,
    WarehouseLocked,
    WarehouseMissing,
    WarehouseTooNew,
    WarehouseUnreachable,
    WarehouseUnwritable,
)
from schemas.lake import LakeAddress
from tests.postgres import Postgres
from tests.warehouse import samples
from tests.warehouse.test_custom_tables import Custom, Layoff

Make = Callable[[str], Lake]


def asked(store: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with store.read() as con:
        return con.execute(query).fetchall()


def everything(store: Warehouse) -> dict[str, list[str]]:
    """All rows of all tables."""
    with store.read() as con:
        return {name: sorted(map(str, con.execute(f'FROM "{name}"').fetchall())) for name in transfer.tables(con)}


def hosts(store: Warehouse, number: int) -> None:
    """Store two hosts, of which one is new."""
    with store.write() as con:
        rows = [{"host": f"host-{n}", "paused_until": samples.NOW + timedelta(hours=n)} for n in (number, number + 1)]
        load.put(con, "hosts", rows, key=["host"])


def test_a_lake_that_is_not_there_is_missing_and_is_made_where_data_path_says(
    postgres: Postgres, tmp_path: Path
) -> None:
    made = postgres.lake(tmp_path / "rows")
    nowhere = Lake(made.address, path=tmp_path / "x.lake")
    assert not nowhere.exists()
    with pytest.raises(WarehouseMissing, match=r"ducklake:postgres:dbname="), nowhere.read():
        """Not reached."""
    with pytest.raises(InvalidInput, match="data_path"), nowhere.write():
        """Not reached."""
    with pytest.raises(InvalidInput, match="no folder"), Lake(made.address, data_path="/none/at/all").write():
        """Not reached."""
    assert not made.exists()
    hosts(made, 1)
    assert made.exists()
    assert asked(nowhere, "SELECT host FROM hosts ORDER BY ALL") == [("host-1",), ("host-2",)]
    made.close()
    other = Lake(made.address, data_path=str(tmp_path / "elsewhere"))
    with pytest.raises(InvalidInput, match="lie in"), other.read():
        """Not reached."""
    made.close()


def test_a_catalogue_that_does_not_answer_is_told_without_the_password(postgres: Postgres) -> None:
    closed = LakeAddress((("dbname", "deals"), ("host", "127.0.0.1"), ("port", "9")), "hush")
    refused = LakeAddress(postgres.address("postgres").options, "hush")
    for address, why in ((closed, "refused"), (refused, "password authentication failed")):
        for opened in (Lake(address).read, Lake(address).write):
            with pytest.raises(WarehouseUnreachable, match=why) as told, opened():
                """Not reached."""
            assert "hush" not in str(told.value)


def test_writers_take_turns_and_who_waits_too_long_is_told_for_whom(lake_like: Make) -> None:
    lake = lake_like("empty")
    told: list[str] = []
    other = Lake(lake.address, wait_seconds=1.5, on_wait=told.append)
    with (
        lake.write() as con,
        pytest.raises(WarehouseLocked, match=r"held by dealwire, process \d+ on .+ at 127.0.0.1"),
        other.write(),
    ):
        con.execute("SELECT 1")
    assert len(told) == 1
    hosts(other, 1)
    with lake.alone("tell"):
        hosts(other, 2)


def test_what_is_new_to_several_at_once_is_stored_once(lake_like: Make) -> None:
    lake = lake_like("empty")
    errors: list[BaseException] = []

    def work() -> None:
        try:
            own = Lake(lake.address, wait_seconds=200)
            for number in range(3):
                hosts(own, number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert asked(lake, "SELECT host, count(*) FROM hosts GROUP BY ALL ORDER BY ALL") == [
        (f"host-{number}", 1) for number in range(4)
    ]


def test_readers_see_one_moment_and_change_nothing(lake_like: Make) -> None:
    lake = lake_like("empty")
    with lake.read() as con:
        before = con.execute("SELECT count(*) FROM hosts").fetchone()
        hosts(lake, 1)
        assert con.execute("SELECT count(*) FROM hosts").fetchone() == before
        con.execute("DELETE FROM hosts")
    assert asked(lake, "SELECT count(*) FROM hosts") == [(2,)]


def test_a_block_that_raises_or_loses_its_server_changes_nothing(lake_like: Make, postgres: Postgres) -> None:
    lake = lake_like("empty")
    mark = lake.mark()
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{lake.address.name}'"

    def store(then: Callable[[], object]) -> None:
        with lake.write() as con:
            con.execute("INSERT INTO hosts VALUES ('a', now())")
            con.execute("FROM hosts").fetchall()
            then()

    with pytest.raises(ZeroDivisionError):
        store(lambda: 1 / 0)
    with pytest.raises((WarehouseUnwritable, WarehouseUnreachable)):
        store(lambda: postgres.ask(end))
    assert asked(lake, "SELECT count(*) FROM hosts") == [(0,)]
    assert lake.mark() == mark
    hosts(lake, 1)
    assert asked(lake, "SELECT count(*) FROM hosts") == [(2,)]
    assert lake.mark() != mark


def test_compacting_keeps_every_row_and_leaves_few_files(lake_like: Make, postgres: Postgres) -> None:
    lake = lake_like("empty")
    for number in range(3):
        hosts(lake, number)
    with lake.write() as con:
        con.execute("INSERT INTO hosts SELECT 'many-' || n, now() FROM range(1000) AS t(n)")
    before = everything(lake)
    first, after = lake.compact()
    assert first > 0
    assert after > 0
    assert everything(lake) == before
    files = "SELECT count(*) FROM ducklake_data_file JOIN ducklake_table USING (table_id) WHERE table_name = 'hosts'"
    assert int(postgres.ask(f"{files} AND ducklake_data_file.end_snapshot IS NULL", lake.address.name)) <= 2
    hosts(lake, 10)
    assert asked(lake, "SELECT count(*) FROM hosts WHERE host LIKE 'host-%'") == [(6,)]


def test_a_lake_of_a_newer_dealwire_is_refused(lake_like: Make) -> None:
    lake = lake_like("empty")
    with lake.write() as con:
        con.execute("INSERT INTO schema_changes VALUES (9999, 'later', now())")
    for opened in (lake.read, lake.write):
        with pytest.raises(WarehouseTooNew, match="9999"), opened():
            """Not reached."""


def test_a_users_query_reaches_the_lake_and_nothing_else(lake_like: Make, postgres: Postgres) -> None:
    lake = lake_like("filled")
    assert queries.run_sql(lake, "SELECT count(*) FROM deal_overview") == (["count_star()"], [(5,)])
    for query in (
        "FROM postgres_query('catalogue_1', 'SELECT 1')",
        "FROM postgres_scan('host=127.0.0.1', 'public', 'x')",
        "SELECT * FROM __ducklake_metadata_lake_1.ducklake_metadata",
        "FROM read_text('/etc/passwd')",
    ):
        with pytest.raises(QueryFailed, match=r"not allowed|disabled"):
            queries.run_sql(lake, query)
    shown = str(queries.run_sql(lake, "SELECT * FROM duckdb_secrets()")[1])
    shown += str(queries.run_sql(lake, "SELECT * FROM duckdb_databases()")[1])
    assert postgres.password not in shown


@pytest.mark.file_only
def test_a_file_moves_to_a_lake_and_back_and_nothing_is_lost(
    filled: Warehouse, postgres: Postgres, tmp_path: Path
) -> None:
    with filled.write() as con:
        assert not custom_tables.register(con, [Custom(Layoff)])
    before = everything(filled)
    lake = postgres.lake(tmp_path / "rows")
    rows = transfer.copy(filled, lake)
    assert sum(rows.values()) == sum(map(len, before.values()))
    assert everything(lake) == before
    # What is not empty is left as it is.
    with pytest.raises(InvalidInput, match="holds rows already"):
        transfer.copy(filled, lake)
    back = Warehouse(tmp_path / "back.duckdb")
    transfer.copy(lake, back)
    assert everything(back) == before
    about = "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
    assert asked(back, about) == asked(filled, about)
    assert asked(lake, "SELECT count(*) FROM mentions") == asked(filled, "SELECT count(*) FROM mentions")
    # A copy for other programs is the same, whichever it is made of.
    made = [copies.write(store, tmp_path / f"{n}.duckdb") for n, store in enumerate((filled, lake))]
    assert made[0]
    assert made[1]
    assert made[0]._replace(bytes=0) == made[1]._replace(bytes=0)
    with duckdb.connect(str(tmp_path / "1.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM deal_overview").fetchone() == (5,)
    lake.close()


def test_what_is_not_there_is_not_copied_and_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        transfer.copy(Warehouse(tmp_path / "none.duckdb"), Warehouse(tmp_path / "new.duckdb"))
    assert list(tmp_path.iterdir()) == []
