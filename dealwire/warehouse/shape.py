"""What tables and views there are and what columns they have, asked so that a DuckLake answers at once.

The lists of all tables that DuckDB keeps would make it look up the size of each.
"""

import duckdb


def columns(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """The columns of a table or view with their types; empty if there is none of this name."""
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        return dict(con.execute("SELECT name, type FROM pragma_table_info(?)", [quoted]).fetchall())
    except duckdb.CatalogException:
        return {}


def is_view(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether there is a view of this name."""
    asked = "SELECT 1 FROM duckdb_views() WHERE database_name = current_database() AND view_name = ?"
    return con.execute(asked, [name]).fetchone() is not None
