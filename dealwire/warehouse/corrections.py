"""Corrections of company names: which company's name stands for which other, and the records that follow.

Records are stored with the corrected names, under the id that the found ones make; what was found is kept beside them.
So it is the same whether a correction comes before the records or after them, and each can be taken back.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import duckdb

from dealwire.warehouse import load
from schemas import CompanyMerge, slug
from schemas.record import Record

Row = Mapping[str, Any]
R = TypeVar("R", bound=Record)
_slug = cache(slug)


class Company(NamedTuple):
    """What a corrected name stands for in the end."""

    company_id: str
    name: str
    known: bool


Meanings = Mapping[str, Company]
"""By the id of a name what it stands for; only names that are corrected."""


def merges(con: duckdb.DuckDBPyConnection) -> list[CompanyMerge]:
    """All corrections in the order of their ids."""
    columns = ", ".join(CompanyMerge.model_fields)
    rows = con.execute(f"SELECT {columns} FROM company_merges ORDER BY company_id").fetchall()
    return [CompanyMerge(**dict(zip(CompanyMerge.model_fields, row, strict=True))) for row in rows]


def meanings(corrections: Iterable[CompanyMerge]) -> dict[str, Company]:
    """What each corrected name stands for in the end, where one correction leads to the next."""
    steps = {one.company_id: one for one in corrections}
    found = {}
    for key, one in steps.items():
        passed = {key}
        while (following := steps.get(one.into_id)) is not None and one.into_id not in passed:
            passed.add(one.into_id)
            one = following
        found[key] = Company(one.into_id, one.into_name, one.known)
    return found


def store(con: duckdb.DuckDBPyConnection, corrections: Sequence[CompanyMerge]) -> None:
    """Make these all corrections there are, and give every stored record the names that they make of what was found.

    The names in `companies` and the deals are for the caller to make anew.
    """
    load.replace_all(con, "company_merges", (dict(one) for one in corrections), key=["company_id"])
    for table, columns in _COLUMNS.items():
        back = ", ".join(f"{name} = found.{name}" for name in columns)
        con.execute(f"UPDATE {table} SET {back} FROM names_as_found AS found WHERE found.record_id = {table}.record_id")
    con.execute("DELETE FROM names_as_found")
    known = meanings(corrections)
    for table in _COLUMNS if known else ():
        _correct_stored(con, table, known)


def corrected(table: str, rows: Iterable[Row], known: Meanings) -> tuple[list[Row], list[Row]]:
    """The rows of a table of records with the corrected names, and what was found where that is something else."""
    change = _CHANGES.get(table)
    if not known or change is None:
        return list(rows), []
    after: list[Row] = []
    found: list[Row] = []
    for row in rows:
        new = change(row, known)
        if any(row[name] != value for name, value in new.items()):
            found.append(_AS_FOUND | {"record_id": row["record_id"]} | {name: row[name] for name in new})
            row = {**row, **new}
        after.append(row)
    return after, found


def renamed(record: R, table: str, known: Meanings) -> R:
    """The record with the corrected names, as its table would hold them."""
    change = _CHANGES.get(table)
    new = change(record.__dict__, known) if known and change else {}
    if not new:
        return record
    return record.model_copy(
        update={name: tuple(value) if isinstance(value, list) else value for name, value in new.items()}
    )


def keep_found(con: duckdb.DuckDBPyConnection, found: Iterable[Row]) -> None:
    """Keep what was found in records that are stored with other names."""
    load.put(con, "names_as_found", found, key=["record_id"])


def fold(companies: MutableMapping[str, dict[str, Any]], corrections: Sequence[CompanyMerge]) -> None:
    """Take the merged companies out of the rows of `companies`; their names become aliases of what they stand for."""
    known = meanings(corrections)
    for one in corrections:
        old = companies.pop(one.company_id, None) or {}
        home = companies.get(known[one.company_id].company_id)
        if home is not None:
            names = [*(home["aliases"] or ()), one.name, *(old.get("aliases") or ())]
            home["aliases"] = [name for name in dict.fromkeys(names) if name != home["name"]]
    fold_owners(companies, "parent", corrections)


def fold_owners(rows: Mapping[str, dict[str, Any]], column: str, corrections: Sequence[CompanyMerge]) -> None:
    """In a column that names companies, name those that the merged ones stand for."""
    known = meanings(corrections)
    for row in rows.values() if known else ():
        if row[column] and (owner := known.get(_slug(row[column]))):
            row[column] = owner.name


def _mention(row: Row, known: Meanings) -> dict[str, Any]:
    one = known.get(row["company_id"])
    return {} if one is None else one._asdict()


def _owned(column: str) -> "Callable[[Row, Meanings], dict[str, Any]]":
    def change(row: Row, known: Meanings) -> dict[str, Any]:
        return {column: _names([row[column]], known)[0]} if row[column] else {}

    return change


def _claim(row: Row, known: Meanings) -> dict[str, Any]:
    sides = {side: _names(row[side] or (), known) for side in _SIDES}
    if all(list(row[side] or ()) == names for side, names in sides.items()):
        return {}
    # Two companies that turn out to be one do not pay each other; others beside them may.
    both = set(sides["payers"]) & set(sides["payees"])
    for side in ("payers", "payees"):
        if len(sides[side]) > len(both):
            sides[side] = [name for name in sides[side] if name not in both]
            break
    return dict(sides)


def _names(names: Sequence[str], known: Meanings) -> list[str]:
    meant = (known.get(_slug(name)) for name in names)
    return list(dict.fromkeys(one.name if one else name for one, name in zip(meant, names, strict=True)))


def _correct_stored(con: duckdb.DuckDBPyConnection, table: str, known: Meanings) -> None:
    columns = _COLUMNS[table]
    names = ", ".join(("record_id", *columns))
    if table == "company_mentions":
        query, given = "list_contains($given, company_id)", list(known)
    else:
        told = f"list_concat({', '.join(columns)})" if table == "deal_claims" else f"[{columns[0]}]"
        found = con.execute(f"SELECT DISTINCT unnest({told}) FROM {table}").fetchall()
        query, given = f"list_has_any($given, {told})", [name for (name,) in found if name and _slug(name) in known]
    if not given:
        return
    done = con.execute(f"SELECT {names} FROM {table} WHERE {query}", {"given": given})
    rows = [dict(zip(("record_id", *columns), row, strict=True)) for row in done.fetchall()]
    after, as_found = corrected(table, rows, known)
    if rows:
        with load.incoming(con, table, after):
            put = ", ".join(f"{name} = new.{name}" for name in columns)
            con.execute(
                f"UPDATE {table} SET {put} FROM dealwire_incoming AS new WHERE new.record_id = {table}.record_id"
            )
    keep_found(con, as_found)


_SIDES = ("payers", "payees", "parties")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "company_mentions": Company._fields,
    "chip_mentions": ("vendor",),
    "model_mentions": ("developer",),
    "deal_claims": _SIDES,
}
_CHANGES: Mapping[str, Callable[[Row, Meanings], dict[str, Any]]] = {
    "company_mentions": _mention,
    "chip_mentions": _owned("vendor"),
    "model_mentions": _owned("developer"),
    "deal_claims": _claim,
}
_AS_FOUND: dict[str, Any] = dict.fromkeys(name for columns in _COLUMNS.values() for name in columns)
