"""Notes: facts that a step leaves for the next one, and for those who watch."""

from datetime import UTC, datetime

import duckdb

from dealwire.warehouse import load

EXTRACTORS = "extractors"
"""Names and versions of the extractors that were last run, as JSON."""
NAMES = "names"
"""The catalogue that the tables of names were made from; another word while they lack names that articles tell."""


def get(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """What was noted; None if nothing was."""
    row = con.execute("SELECT value FROM step_notes WHERE name = ?", [name]).fetchone()
    return str(row[0]) if row and row[0] is not None else None


def put(con: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Note a fact; what was noted under that name before is forgotten."""
    load.put(con, "step_notes", [{"name": name, "value": value, "noted_at": datetime.now(UTC)}], key=["name"])
