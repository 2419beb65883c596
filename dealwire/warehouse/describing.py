"""What a visitor may ask: the tables and views that hold nothing private, with what their columns mean."""

from typing import NamedTuple

import duckdb

from dealwire.warehouse import copies, migrate


class Column(NamedTuple):
    """A column of a table or view."""

    name: str
    type: str
    about: str


class Table(NamedTuple):
    """A table or view; `about` says what one row is."""

    name: str
    view: bool
    about: str
    columns: tuple[Column, ...]


def names(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The views, then the tables."""
    return [*(view.name for view in migrate.views() if view.number), *copies.public(con)]


def tables(con: duckdb.DuckDBPyConnection) -> list[Table]:
    """The same with their columns."""
    views = {view.name for view in migrate.views()}
    columns: dict[str, list[Column]] = {name: [] for name in names(con)}
    for table, name, kind, about in con.execute(
        """
        SELECT table_name, column_name, data_type, coalesce(comment, '') FROM duckdb_columns()
        WHERE NOT internal AND schema_name = 'main' ORDER BY table_name, column_index
        """
    ).fetchall():
        if table in columns:
            columns[table].append(Column(name, kind, about))
    about = dict(
        con.execute(
            """
            SELECT table_name, comment FROM duckdb_tables() WHERE NOT internal AND comment IS NOT NULL
            UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal AND comment IS NOT NULL
            """
        ).fetchall()
    )
    return [Table(name, name in views, about.get(name, ""), tuple(found)) for name, found in columns.items()]
