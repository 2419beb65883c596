"""What a chart shows as data to take away: plain rows, and those as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from dealwire.web.drawing.graph import Graph
from dealwire.web.drawing.sankey import Bands

Row = dict[str, Any]


def arrows(given: Graph) -> list[Row]:
    """The arrows of the map, a row an arrow; `usd` is null where no sum is known to flow along it alone."""
    return [
        {
            "from": arrow.source,
            "to": arrow.target,
            "kind": arrow.kind,
            "directed": arrow.directed,
            "usd": arrow.usd or None,
            "deals": len(arrow.legs),
            "first_on": arrow.legs[0].on,
            "last_on": arrow.legs[-1].on,
            "on_a_loop": arrow.looped,
            "deal_ids": [leg.deal_id for leg in arrow.legs],
        }
        for arrow in given.arrows
        if arrow.legs
    ]


def companies(given: Graph, kinds: Mapping[str, str | None]) -> list[Row]:
    """The companies of the map, a row a company."""
    return [
        {
            "company": node.name,
            "kind": kinds.get(node.name),
            "usd_in": node.usd_in,
            "usd_out": node.usd_out,
            "deals": len(node.parts),
            "on_a_loop": node.looped,
        }
        for node in given.nodes
        if node.parts
    ]


def flows(given: Bands) -> list[Row]:
    """The bands, and the flows that are left out because they close a loop."""
    return [
        {"payer": flow.payer, "payee": flow.payee, "usd": flow.usd, "drawn": drawn}
        for drawn, told in ((True, given.flows), (False, given.broken))
        for flow in told
    ]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows as CSV, lists divided by spaces. No cell is a formula to a spreadsheet."""
    out = io.StringIO()
    if rows:
        writer = csv.writer(out)
        writer.writerow(rows[0])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()


def plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    if isinstance(value, list | tuple):
        return _cell(" ".join(map(str, value)))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
