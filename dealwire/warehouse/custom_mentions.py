"""The part that custom extractors with a label have in the view `mentions`."""

import json

import duckdb

from dealwire.warehouse import shape

_MARK = "-- custom extractors"
# What the view shows of a custom record, where it has a field of this name and type.
_SHOWN = {
    "entity": ("name", "VARCHAR"),
    "entity_id": ("entity_id", "VARCHAR"),
    "currency": ("currency", "VARCHAR"),
    "amount_min": ("amount_min", "DECIMAL(38,2)"),
    "amount_max": ("amount_max", "DECIMAL(38,2)"),
    "mw_min": ("mw_min", "DOUBLE"),
    "mw_max": ("mw_max", "DOUBLE"),
    "units_min": ("units_min", "BIGINT"),
    "units_max": ("units_max", "BIGINT"),
}


def widened(con: duckdb.DuckDBPyConnection, view: str) -> str:
    """The text of a view; that of `mentions` with a part for each custom extractor that has a label and a table."""
    if _MARK not in view:
        return view
    parts = []
    for name, table, label, record in con.execute(
        "SELECT extractor, table_name, label, record FROM extractors WHERE label IS NOT NULL ORDER BY extractor"
    ).fetchall():
        if not exists(con, table):
            continue
        kinds = json.loads(record)
        shown = "".join(f', "{field}" AS {as_}' for as_, (field, kind) in _SHOWN.items() if kinds.get(field) == kind)
        parts.append(
            f"UNION ALL BY NAME SELECT record_id, article_id, extractor, version, '{label}' AS label, "
            f"start_char, end_char{shown} FROM \"{table}\" WHERE extractor = '{name}'"
        )
    return view.replace(_MARK, "\n".join(parts))


def exists(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether there is a table of this name."""
    return bool(shape.columns(con, table))
