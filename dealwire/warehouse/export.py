"""Deals, alliances and flows as files that other tools read: CSV, JSON, Parquet, GraphML."""

from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb

from dealwire import drafts
from schemas.errors import InvalidInput


class Subject(StrEnum):
    """What can be exported: one view each."""

    DEALS = "deals"
    ALLIANCES = "alliances"
    FLOWS = "flows"


class Format(StrEnum):
    """The form of the file."""

    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"
    GRAPHML = "graphml"


_VIEWS = {
    Subject.DEALS: ("deal_overview", "announced_on DESC, deal_id"),
    Subject.ALLIANCES: ("alliance_overview", "announced_on DESC, alliance_id"),
    Subject.FLOWS: ("money_flows", "announced_on DESC, deal_id, payer, payee"),
}
_COPY = {
    Format.CSV: "FORMAT csv, HEADER",
    Format.JSON: "FORMAT json, ARRAY",
    Format.PARQUET: "FORMAT parquet, COMPRESSION zstd",
}


def write(con: duckdb.DuckDBPyConnection, subject: Subject, form: Format, out: Path) -> int:
    """Write all rows of the subject to `out`, whole or not at all; the number of rows.

    CSV holds lists as `A; B`. GraphML is the graph of flows: companies as nodes, a directed edge for each payment.
    Raises `InvalidInput` where the form does not fit or the file cannot be written.
    """
    if form is Format.GRAPHML and subject is not Subject.FLOWS:
        raise InvalidInput(f"GraphML holds the graph of flows: `dealwire export flows --format graphml`, not {subject}")
    with drafts.whole(out) as draft:
        return _graph(con, draft) if form is Format.GRAPHML else _table(con, subject, form, draft)


def _table(con: duckdb.DuckDBPyConnection, subject: Subject, form: Format, out: Path) -> int:
    view, order = _VIEWS[subject]
    columns = "*"
    if form is Format.CSV:
        described = con.execute(f"DESCRIBE {view}").fetchall()
        columns = ", ".join(
            f"array_to_string({name}, '; ') AS {name}" if kind.endswith("[]") else name for name, kind, *_ in described
        )
    place = str(out).replace("'", "''")
    query = f"COPY (SELECT {columns} FROM {view} ORDER BY {order}) TO '{place}' ({_COPY[form]})"
    found = con.execute(query).fetchone()
    return int(found[0]) if found else 0


def _graph(con: duckdb.DuckDBPyConnection, out: Path) -> int:
    import networkx

    graph = networkx.MultiDiGraph()
    kinds = con.execute("SELECT name, kind, country, ticker FROM companies").fetchall()
    facts = {name: {"kind": kind, "country": country, "ticker": ticker} for name, kind, country, ticker in kinds}
    done = con.execute(f"SELECT * FROM money_flows ORDER BY {_VIEWS[Subject.FLOWS][1]}")
    columns = [column[0] for column in done.description or ()]
    rows = [dict(zip(columns, row, strict=True)) for row in done.fetchall()]
    for name in sorted({side for row in rows for side in (row["payer"], row["payee"])}):
        graph.add_node(name, **_attributes(facts.get(name, {})))
    for row in rows:
        graph.add_edge(row["payer"], row["payee"], key=row["deal_id"], **_attributes(row, but=("payer", "payee")))
    networkx.write_graphml(graph, out, encoding="utf-8")
    return len(rows)


def _attributes(row: dict[str, Any], but: tuple[str, ...] = ()) -> dict[str, Any]:
    """What GraphML can hold: texts and numbers; what is not known is left out."""
    return {
        name: value if isinstance(value, str | bool | int | float) else _plain(value)
        for name, value in row.items()
        if value is not None and name not in but
    }


def _plain(value: Any) -> float | str:
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)
