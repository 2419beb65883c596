"""Custom extractors in the warehouse: their tables, and what is known of each."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

import duckdb

from dealwire.warehouse import custom_mentions, load, migrate, record_tables
from extractors.registry import BUILTIN, LANGUAGE_MODEL
from schemas.columns import columns
from schemas.errors import DealwireError, ExtractorRefused, InvalidInput


class Custom(load.ExtractorLike, Protocol):
    """What is kept of an extractor."""

    @property
    def label(self) -> str | None: ...
    @property
    def place(self) -> str: ...


class Known(NamedTuple):
    """An extractor that has a table here, registered today or not."""

    extractor: str
    version: str
    table: str
    label: str | None
    record: dict[str, str]
    place: str | None
    removed: bool


_MODEL = Known(LANGUAGE_MODEL, "", BUILTIN["deals"], None, {}, None, False)
"""The language model's claims stand in the table of `deals`, which stays."""


def known(con: duckdb.DuckDBPyConnection) -> dict[str, Known]:
    """All custom extractors that have, or had, records here, by name."""
    rows = con.execute(
        "SELECT extractor, version, table_name, label, record, place, removed_at IS NOT NULL FROM extractors ORDER BY 1"
    ).fetchall()
    return {
        name: Known(name, version, table, label, json.loads(record), place, removed)
        for name, version, table, label, record, place, removed in rows
    }


def register(
    con: duckdb.DuckDBPyConnection, extractors: Sequence[Custom], *, now: datetime | None = None
) -> dict[str, DealwireError]:
    """Make or widen the table of each and remember it; by name the ones that are refused, whose tables stay.

    Refused are records that changed while the version did not, and records that do not fit their table.
    """
    before, refused = known(con), {}
    changed: list[Custom] = []
    for one in extractors:
        old = before.get(one.name)
        if old == _known(one):
            continue
        try:
            _check(one, old)
            record_tables.ensure(con, one.table, one.record, extractor=one.name)
            record_tables.describe(con, one.table, one.record)
        except DealwireError as error:
            refused[one.name] = error
        else:
            changed.append(one)
    for one in changed:
        con.execute("DELETE FROM extractors WHERE extractor = ?", [one.name])
        con.execute(
            "INSERT INTO extractors VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            [
                one.name,
                one.version,
                one.table,
                one.label,
                json.dumps(columns(one.record)),
                one.place,
                now or datetime.now(UTC),
            ],
        )
    if changed:
        migrate.remake_mentions(con)
    return refused


def note_removed(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> list[Known]:
    """Remember that the extractors with none of these names are gone; those that have gone since it was last asked."""
    gone = [one for one in known(con).values() if not one.removed and one.extractor not in names]
    for one in gone:
        con.execute("UPDATE extractors SET removed_at = now() WHERE extractor = ?", [one.extractor])
    return gone


def rows(con: duckdb.DuckDBPyConnection, name: str) -> tuple[Known, int]:
    """What is known of the extractor, and how many records it has here. Raises `InvalidInput`."""
    one = _MODEL if name == LANGUAGE_MODEL else known(con).get(name)
    if one is None:
        there = ", ".join(known(con)) or "none"
        raise InvalidInput(f"no custom extractor {name!r} has a table here; there is: {there}")
    if not custom_mentions.exists(con, one.table):
        return one, 0
    found = con.execute(f'SELECT count(*) FROM "{one.table}" WHERE extractor = ?', [name]).fetchone()
    return one, int(found[0]) if found else 0


def drop(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Delete the extractor's table, or its rows where others share it, and what the ledger says; the records deleted.

    Raises `InvalidInput` if it has none.
    """
    one, count = rows(con, name)
    con.execute("DELETE FROM extractors WHERE extractor = ?", [name])
    con.execute("DELETE FROM extractions WHERE extractor = ?", [name])
    migrate.remake_mentions(con)
    if custom_mentions.exists(con, one.table):
        con.execute(f'DELETE FROM "{one.table}" WHERE extractor = ?', [name])
        if one is not _MODEL and not any(other.table == one.table for other in known(con).values()):
            con.execute(f'DROP TABLE "{one.table}"')
    return count


def _known(one: Custom) -> Known:
    return Known(one.name, one.version, one.table, one.label, columns(one.record), one.place, False)


def _check(one: Custom, old: Known | None) -> None:
    """Raises `ExtractorRefused` if the record has changed and the version has not."""
    if old is None or old.version != one.version or old.table != one.table:
        return
    now = columns(one.record)
    changes = [f"{name} is new" for name in now if name not in old.record]
    changes += [f"{name} is gone" for name in old.record if name not in now]
    changes += [
        f"{name} was {old.record[name]} and is {kind}"
        for name, kind in now.items()
        if old.record.get(name, kind) != kind
    ]
    if changes:
        raise ExtractorRefused(
            one.name,
            f"its record has changed ({', '.join(changes)}), but its version is still {one.version!r}; raise the "
            "version, and stored articles are read again",
        )
