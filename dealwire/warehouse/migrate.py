"""The schema of the file: numbered changes, the columns that records ask for, and the views.

Views are made anew when their text changes, columns are added when a record class gains a field; neither needs a
numbered change. Comments on tables, views and columns are stored in the database, for BI tools and the docs.
"""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import duckdb

from dealwire.warehouse import custom_mentions, record_tables
from schemas.errors import NotAWarehouse, WarehouseTooNew
from schemas.ids import content_id

_VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_changes (number INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ)
"""
_DESCRIBED = re.compile(r"-- (?P<column>[a-z_]+): (?P<text>.*)")
_DEFAULTED = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+) (\S+) DEFAULT ([^;]+);")


class SqlFile(NamedTuple):
    """One file of SQL: its number, name, text, and what its opening comment says of the whole and of each column."""

    number: int
    name: str
    text: str
    about: str
    columns: dict[str, str]


def outdated(con: duckdb.DuckDBPyConnection, place: Path | str) -> bool:
    """Whether the file needs `bring_up_to_date`. Raises `WarehouseTooNew` and `NotAWarehouse`."""
    found, made = _state(con, place)
    return found < changes()[-1].number or made != _fingerprint()


def bring_up_to_date(con: duckdb.DuckDBPyConnection, place: Path | str) -> None:
    """Apply the changes that the file lacks, then the columns and views, all in one transaction.

    Raises `WarehouseTooNew`, `NotAWarehouse` and `RecordIncompatible`; then nothing was changed.
    """
    found, made = _state(con, place)
    if found >= changes()[-1].number and made == _fingerprint():
        return
    con.begin()
    try:
        con.execute(_VERSIONS)
        for change in changes():
            if change.number > found:
                con.execute(_as_lake(change.text) if on_lake(con) else change.text)
                con.execute("INSERT INTO schema_changes VALUES (?, ?, now())", [change.number, change.name])
        record_tables.ensure_builtin(con)
        for view in views():
            _make(con, view)
        con.execute("DELETE FROM schema_changes WHERE number = 0")
        con.execute("INSERT INTO schema_changes VALUES (0, ?, now())", [_fingerprint()])
        con.commit()
    except BaseException:
        con.rollback()
        raise


def on_lake(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the warehouse of this connection is a DuckLake, and no file."""
    found = con.execute("SELECT type FROM duckdb_databases() WHERE database_name = current_database()").fetchone()
    return found is not None and found[0] == "ducklake"


@cache
def changes() -> tuple[SqlFile, ...]:
    """Every numbered change, in order."""
    return _read("changes", r"(\d{4})_(\w+)\.sql")


@cache
def views() -> tuple[SqlFile, ...]:
    """Every view, in the order in which they are made; number 0 holds the macros they use."""
    return _read("views", r"(\d\d)_(\w+)\.sql")


def _read(folder: str, pattern: str) -> tuple[SqlFile, ...]:
    found = []
    for one in (files("dealwire.warehouse") / "sql" / folder).iterdir():
        if match := re.fullmatch(pattern, one.name):
            text = one.read_text(encoding="utf-8")
            found.append(SqlFile(int(match[1]), match[2], text, *_opening(text)))
    return tuple(sorted(found))


def _opening(text: str) -> tuple[str, dict[str, str]]:
    about: list[str] = []
    columns: dict[str, str] = {}
    for line in text.splitlines():
        if not line.startswith("-- "):
            break
        if described := _DESCRIBED.fullmatch(line):
            columns[described["column"]] = described["text"]
        else:
            about.append(line[3:])
    return " ".join(about), columns


def _make(con: duckdb.DuckDBPyConnection, view: SqlFile) -> None:
    con.execute(custom_mentions.widened(con, view.text))
    if view.number:
        # A DuckLake takes no comments on the columns of a view.
        record_tables.comment(con, "VIEW", view.name, view.about, {} if on_lake(con) else view.columns)


def _as_lake(text: str) -> str:
    """A change as a DuckLake takes it, which gives a new column no default that is more than a number or a word."""
    return _DEFAULTED.sub(r"ALTER TABLE \1 ADD COLUMN \2 \3; UPDATE \1 SET \2 = \4;", text)


def remake_mentions(con: duckdb.DuckDBPyConnection) -> None:
    """Make the view `mentions` anew, for custom extractors whose labels have come or gone."""
    (view,) = [one for one in views() if one.name == "mentions"]
    _make(con, view)


@cache
def _fingerprint() -> str:
    return "views " + content_id(*(view.text for view in views()), record_tables.description())


def _state(con: duckdb.DuckDBPyConnection, place: Path | str) -> tuple[int, str]:
    try:
        rows = con.execute("SELECT number, name FROM schema_changes ORDER BY number").fetchall()
    except duckdb.CatalogException:
        there = "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_database()"
        if not (others := sorted(row[0] for row in con.execute(there).fetchall())):
            return 0, ""
        # Asked for only now: to list all tables and views takes longer than all the rest of this.
        raise NotAWarehouse(str(place), f"it holds other tables: {', '.join(others[:3])}") from None
    found = max((row[0] for row in rows), default=0)
    known = changes()[-1].number
    if found > known:
        raise WarehouseTooNew(str(place), found, known)
    return found, next((row[1] for row in rows if row[0] == 0), "")
