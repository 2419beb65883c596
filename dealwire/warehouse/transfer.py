"""All of a warehouse into another one that is empty: from a file to a DuckLake, and back."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from dealwire.warehouse import migrate, shape
from dealwire.warehouse.connect import Warehouse
from dealwire.warehouse.quoting import quoted
from schemas.errors import InvalidInput

Told = Callable[[int, int], None]
"""Told how many tables are done, and how many there are."""


def copy(
    source: Warehouse, target: Warehouse, *, folder: Path | None = None, told: Told | None = None
) -> dict[str, int]:
    """Copy every row as it is in one moment, whole or not at all; the rows in each table.

    `folder`: where room for a second copy is, for the time; the system's own for such files, if None. Raises
    `InvalidInput` if there are rows in the target, and what reading and writing raise.
    """
    if not source.exists():
        with source.read():
            """Says that it is missing; the target is not made for this."""
    if target.exists():
        with target.read() as con:
            _check_empty(con, target)
    with source.read() as con:
        return into(con, target, folder, told=told)


def into(
    con: duckdb.DuckDBPyConnection, target: Warehouse, folder: Path | None, *, told: Told | None = None
) -> dict[str, int]:
    """Copy what a reader with the connection `con` sees. See `copy`."""
    names = tables(con)
    rows: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix=".dealwire-", dir=folder) as aside:
        files = {name: quoted(Path(aside) / f"{name}.parquet") for name in names}
        for name, file in files.items():
            done = con.execute(f'COPY "{name}" TO {file} (FORMAT parquet)').fetchone()
            rows[name] = int((done or (0,))[0])
        with target.write() as to:
            _check_empty(to, target)
            for number, (name, file) in enumerate(files.items(), 1):
                if not shape.columns(to, name):
                    for statement in definition(con, name):
                        to.execute(statement)
                if rows[name]:
                    to.execute(f'INSERT INTO "{name}" BY NAME SELECT * FROM read_parquet({file})')
                if told:
                    told(number, len(files))
            migrate.remake_mentions(to)
    return rows


def tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables of a warehouse, but for its own account of how it was made."""
    asked = "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal"
    return sorted({row[0] for row in con.execute(asked).fetchall()} - {"schema_changes"})


def definition(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """The statements that make a table of a user's extractor, comments among them."""
    body = ", ".join(f'"{column}" {kind}' for column, kind in shape.columns(con, name).items())
    told = con.execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE database_name = current_database() "
        "AND table_name = ? AND comment IS NOT NULL",
        [name],
    ).fetchall()
    about = con.execute(
        "SELECT comment FROM duckdb_tables() WHERE database_name = current_database() "
        "AND table_name = ? AND comment IS NOT NULL",
        [name],
    ).fetchall()
    return [
        f'CREATE TABLE "{name}" ({body})',
        *(f'COMMENT ON TABLE "{name}" IS {quoted(text)}' for (text,) in about),
        *(f'COMMENT ON COLUMN "{name}"."{column}" IS {quoted(text)}' for column, text in told),
    ]


def _check_empty(con: duckdb.DuckDBPyConnection, target: Warehouse) -> None:
    for name in tables(con):
        if con.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone():
            raise InvalidInput(f"{target.place} holds rows already (in {name}); name a new one")
