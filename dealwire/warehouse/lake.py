"""The warehouse on a DuckLake: its catalogue in PostgreSQL, its rows in Parquet files, for several machines.

PostgreSQL lets in as many as like, so connections stay open. A DuckLake has no keys: two writers that store the same
new row at once make it two. So writers take turns by a lock in the catalogue's database, which ends with its holder.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from dealwire.warehouse import door, migrate, transfer
from dealwire.warehouse.connect import OnWait, Warehouse
from schemas.errors import WarehouseMissing, WarehouseUnreachable
from schemas.lake import LakeAddress

_WRITER = "write"
_LOCKS = 0x6465616C
"""The first half of our locks' numbers in PostgreSQL; the second is made from what they are for."""
_HOLDER = """
SELECT application_name || coalesce(' at ' || host(client_addr), '') AS holder FROM pg_locks
JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND granted AND classid = {locks} AND objid = (hashtext('{what}')::BIGINT & 4294967295)::oid
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_SIZES = """
INSERT INTO ducklake_table_stats (table_id, record_count, next_row_id, file_size_bytes)
SELECT DISTINCT table_id, 0, 0, 0 FROM ducklake_table
WHERE end_snapshot IS NULL AND table_id NOT IN (SELECT table_id FROM ducklake_table_stats)
"""
"""That a table is empty. Where that does not stand, DuckLake looks for it several times a column and query."""
_OF_THE_CATALOGUE = re.compile(
    r"Postgres|DuckLake transaction|Failed to (execute query|commit|prepare)|server closed the connection"
)


class Lake(Warehouse):
    """The DuckLake at `address`. `data_path` says where its rows shall lie when it is made, and may be left out later.

    `path`: beside it lies what belongs to the warehouse on this machine.
    """

    def __init__(
        self,
        address: LakeAddress,
        *,
        data_path: str = "",
        path: Path | None = None,
        wait_seconds: float = 30,
        on_wait: OnWait | None = None,
    ) -> None:
        super().__init__(path or Path(f"{address.name}.lake"), wait_seconds=wait_seconds, on_wait=on_wait)
        self.address, self._data_path = address, data_path

    @property
    def place(self) -> str:
        """Its address without the password."""
        return self.address.shown

    def exists(self) -> bool:
        """Whether it was made yet. Raises `WarehouseUnreachable`."""
        with self._told(), door.kept().catalogue(self.address) as catalogue:
            return catalogue.exists()

    def is_at(self, place: Path) -> bool:
        """Never: it is no file."""
        return False

    @contextmanager
    def read(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees the warehouse as it is now, whoever writes meanwhile; what it changes is undone.

        Raises `WarehouseMissing`, `WarehouseUnreachable`, `WarehouseTooNew`.
        """
        with self._told(), self._opened(door.kept()) as con:
            yield con

    @contextmanager
    def read_confined(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """As `read`, for the query of a user, in a DuckDB of its own that reaches nothing but the lake."""
        own = door.Door()
        try:
            with self._told(), self._opened(own, read_only=True) as con:
                own.shut_catalogue(self.address)
                con.execute("SET allowed_directories = [?]", [own.lake(self.address, "").data_path])
                con.execute("SET enable_external_access = false")
                con.execute("SET lock_configuration = true")
                yield con
        finally:
            own.close()

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction, alone among all machines: committed when the block ends, undone when it raises.

        Makes the lake when it is missing. Not to be nested: the inner one waits for the outer. Raises
        `WarehouseLocked`, `WarehouseUnreachable`, `WarehouseTooNew`, and `WarehouseUnwritable` if it could not be
        committed; then nothing was changed.
        """
        with self.alone(_WRITER), self._told(), door.kept().lake(self.address, self._data_path) as con:
            con.begin()
            if migrate.outdated(con, self.place):
                con.rollback()
                migrate.bring_up_to_date(con, self.place)
                with door.kept().catalogue(self.address) as catalogue:
                    catalogue.tell(_SIZES)
                con.begin()
            with self._ending(con):
                yield con

    def duplicate(self, con: duckdb.DuckDBPyConnection, to: Path) -> None:
        """Make a DuckDB file with all that is in it, as a reader with the connection `con` sees it."""
        transfer.into(con, Warehouse(to), to.parent)

    def compact(self) -> tuple[int, int]:
        """Write the catalogue's small rows to files, join small files, delete what nobody needs; bytes before, after.

        Readers that are at work keep the files they see for a day.
        """
        with self.write():
            """What it raises holds here, too; and the lake is there and up to date."""
        with self.alone(_WRITER), self._told():
            with door.kept().catalogue(self.address) as catalogue:
                before = catalogue.bytes()
            opened = door.kept().lake(self.address, self._data_path)
            with opened as con:
                con.execute(f"CALL ducklake_flush_inlined_data('{opened.name}')")
                con.execute(f"CALL ducklake_merge_adjacent_files('{opened.name}')")
                con.execute(f"CALL ducklake_rewrite_data_files('{opened.name}')")
                con.execute(f"CALL ducklake_expire_snapshots('{opened.name}', older_than => now() - INTERVAL 1 DAY)")
                con.execute(f"CALL ducklake_cleanup_old_files('{opened.name}', older_than => now() - INTERVAL 1 DAY)")
                # What a writer that was killed has left; a living one is done in less than a day.
                con.execute(
                    f"CALL ducklake_delete_orphaned_files('{opened.name}', older_than => now() - INTERVAL 1 DAY)"
                )
            with door.kept().catalogue(self.address) as catalogue:
                return before, catalogue.bytes()

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Do something that only one process at a time may do, on whatever machine. Raises `WarehouseLocked`."""
        with self._told(), door.kept().catalogue(self.address) as catalogue:
            self._wait(catalogue, what)
            yield

    def mark(self) -> object:
        """Something that is equal as long as nothing is written. Raises `WarehouseUnreachable`."""
        with self._told(), door.kept().catalogue(self.address) as catalogue:
            return catalogue.exists() and catalogue.ask("SELECT max(snapshot_id) AS newest FROM ducklake_snapshot")

    def close(self) -> None:
        """Let go of the connections that this process keeps."""
        door.kept().shut(self.address)

    def _wait(self, catalogue: door.Catalogue, what: str) -> None:
        def holder() -> str:
            holders = catalogue.ask(_HOLDER.format(locks=_LOCKS, what=what))
            return str(holders[0][0]) if holders else "another process"

        patience = self._patience()
        while not catalogue.ask(f"SELECT pg_try_advisory_xact_lock({_LOCKS}, hashtext('{what}')) AS mine")[0][0]:
            patience.wait(holder)

    @contextmanager
    def _opened(self, way: door.Door, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in a transaction of the lake, which is up to date. Raises `WarehouseMissing`."""
        if not way.knows(self.address):
            with way.catalogue(self.address) as catalogue:
                if not catalogue.exists():
                    raise WarehouseMissing(self.place)
        with way.lake(self.address, self._data_path, read_only=read_only) as con:
            con.begin()
            try:
                if migrate.outdated(con, self.place):
                    con.rollback()
                    with self.write():
                        """Opening for writing is enough."""
                    con.begin()
                yield con
            finally:
                with suppress(duckdb.Error):
                    con.rollback()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the connection to PostgreSQL as ours."""
        try:
            yield
        except duckdb.Error as error:
            if not _OF_THE_CATALOGUE.search(str(error)):
                raise
            raise WarehouseUnreachable(self.place, self._reason(error)) from error

    def _reason(self, error: Exception) -> str:
        told = " ".join(str(error).split())
        for start in ("failed: ", "Error: "):
            told = told.rpartition(start)[2] or told
        password = self.address.password
        return (told.replace(password, "…") if password else told)[:200]
