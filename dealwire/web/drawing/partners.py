"""With whom a company deals, and how much goes each way."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

Row = Mapping[str, Any]


class Partner(NamedTuple):
    """Another company: what is paid to it and what it pays, in US dollars, in deals between these two alone."""

    name: str
    usd_to: float
    usd_from: float
    deals: int
    kinds: tuple[str, ...]
    last_on: date


def partners(rows: Iterable[Row], company: str) -> list[Partner]:
    """The companies on the other side of a company's deals, those with most money first.

    Rows as for `graph`. Companies on one side of a round do not deal with each other; those of a partnership do. Ended
    deals are left out.
    """
    found: dict[str, list[tuple[Row, float, float]]] = {}
    for row in rows:
        if row["status"] == "ended":
            continue
        usd = float(row["usd"] or 0) if len(row["payers"]) == len(row["payees"]) == 1 else 0.0
        told = [(name, 0.0, 0.0) for name in row["parties"]] if company in row["parties"] else []
        if company in row["payers"]:
            told += [(name, usd, 0.0) for name in row["payees"]]
        if company in row["payees"]:
            told += [(name, 0.0, usd) for name in row["payers"]]
        for name, to, back in told:
            if name != company:
                found.setdefault(name, []).append((row, to, back))
    ranked = [
        Partner(
            name,
            sum(to for _, to, _ in told),
            sum(back for _, _, back in told),
            len({row["deal_id"] for row, _, _ in told}),
            tuple(sorted({row["kind"] for row, _, _ in told})),
            max(row["announced_on"] for row, _, _ in told),
        )
        for name, told in found.items()
    ]
    return sorted(ranked, key=lambda one: (-one.usd_to - one.usd_from, -one.deals, one.name))
