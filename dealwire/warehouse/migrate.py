"""Numbered changes of the schema, and the views, which are made anew when their text changes."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

from schemas.errors import NotAWarehouse, WarehouseTooNew
from schemas.ids import content_id

_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_changes (number INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ)
"""


def outdated(con: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether the file needs `bring_up_to_date`. Raises `WarehouseTooNew` and `NotAWarehouse`."""
    found, views = _state(con, path)
    return found < changes()[-1][0] or views != _views_hash()


def bring_up_to_date(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Apply the changes that the file lacks, each in a transaction of its own, then the views."""
    found, views = _state(con, path)
    if found < changes()[-1][0]:
        from dealwire.warehouse import record_tables

        for number, name, text in changes():
            if number <= found:
                continue
            con.begin()
            con.execute(_VERSIONS)
            con.execute(text)
            if number == 1:
                record_tables.create_builtin(con)
            con.execute("INSERT INTO schema_changes VALUES (?, ?, now())", [number, name])
            con.commit()
    if views != _views_hash():
        con.begin()
        for _, text in views_sql():
            con.execute(text)
        con.execute("DELETE FROM schema_changes WHERE number = 0")
        con.execute("INSERT INTO schema_changes VALUES (0, ?, now())", [_views_hash()])
        con.commit()


@cache
def changes() -> tuple[tuple[int, str, str], ...]:
    """Number, name and SQL of every change, in order."""
    folder = files("dealwire.warehouse") / "sql" / "changes"
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".sql")), key=lambda one: one.name)
    return tuple((int(one.name[:4]), one.name[5:-4], one.read_text(encoding="utf-8")) for one in found)


@cache
def views_sql() -> tuple[tuple[str, str], ...]:
    """Name and SQL of every view, in the order in which they are made."""
    folder = files("dealwire.warehouse") / "sql" / "views"
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".sql")), key=lambda one: one.name)
    return tuple((one.name[3:-4], one.read_text(encoding="utf-8")) for one in found)


def _views_hash() -> str:
    return "views " + content_id(*(text for _, text in views_sql()))


def _state(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, str]:
    tables = {row[0] for row in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    if not tables:
        return 0, ""
    if "schema_changes" not in tables:
        raise NotAWarehouse(str(path), f"it holds other tables: {', '.join(sorted(tables)[:3])}")
    rows = con.execute("SELECT number, name FROM schema_changes ORDER BY number").fetchall()
    found = max((row[0] for row in rows), default=0)
    known = changes()[-1][0]
    if found > known:
        raise WarehouseTooNew(str(path), found, known)
    return found, next((row[1] for row in rows if row[0] == 0), "")
