"""Record classes as tables: made, widened and commented from the class, and how its records become rows.

Evidence is stored as `start_char` and `end_char`, because `end` is a reserved word of SQL.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Literal

import duckdb
from pydantic import BaseModel

from dealwire.warehouse import shape
from dealwire.warehouse.quoting import quoted
from schemas import (
    Alliance,
    Article,
    CapacityMention,
    ChipMention,
    CompanyMention,
    Deal,
    DealChange,
    DealClaim,
    DealSource,
    Feed,
    ModelMention,
    MoneyMention,
    Poll,
)
from schemas.columns import PROVENANCE, column_type, columns
from schemas.errors import RecordIncompatible
from schemas.ids import content_id
from schemas.record import Record
from schemas.subscriber import Delivery, Subscriber

BUILTIN: Mapping[str, type[Record]] = {
    "company_mentions": CompanyMention,
    "money_mentions": MoneyMention,
    "chip_mentions": ChipMention,
    "model_mentions": ModelMention,
    "capacity_mentions": CapacityMention,
    "deal_claims": DealClaim,
}
"""Tables made from the classes of the built-in extractors."""
CORE: Mapping[str, type[BaseModel]] = {
    "feeds": Feed,
    "polls": Poll,
    "articles": Article,
    "deals": Deal,
    "deal_sources": DealSource,
    "deal_history": DealChange,
    "alliances": Alliance,
    "subscribers": Subscriber,
    "deliveries": Delivery,
}
"""Tables made by the numbered changes whose rows are records; a field that is new in the class becomes a column."""
_SYNONYMS = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ", "DECIMAL(38, 2)": "DECIMAL(38,2)"}
_WAYS_OUT = "give the field another name, give the extractor another name or table, or drop the table "


def ensure_builtin(con: duckdb.DuckDBPyConnection) -> None:
    """Make or widen the tables of the built-in records, and comment on the core tables."""
    for table, record in BUILTIN.items():
        ensure(con, table, record)
    for name, model in CORE.items():
        there = _stored_columns(con, name)
        for column, field in model.model_fields.items():
            if column not in there:
                kind = column_type(field.annotation, f"{name}.{column}")
                con.execute(f'ALTER TABLE "{name}" ADD COLUMN "{column}" {kind}')
        comment(con, "TABLE", name, model.__doc__, _descriptions(model))


def ensure(con: duckdb.DuckDBPyConnection, table: str, record: type[Record], *, extractor: str | None = None) -> None:
    """Make the table of a record class, or add the columns that it lacks. `extractor`: whose it is, if not `table`'s.

    Raises `RecordIncompatible` if the class does not fit what is stored: a column has another type, a required field
    is new, or the table is not one of records.
    """
    wanted, there = columns(record), _stored_columns(con, table)
    name_of = extractor or table
    ways = f"{_WAYS_OUT}(`dealwire extractors drop {name_of}`) and read the archive again (`dealwire extract --stale`)"
    if there and not set(PROVENANCE) <= set(there):
        raise RecordIncompatible(table, "dealwire uses this name itself; give the extractor another name or table")
    changed = [name for name, kind in wanted.items() if name in there and there[name] != kind]
    if changed:
        name = changed[0]
        raise RecordIncompatible(
            table, f"column {name} is {there[name]}, {record.__name__} now says {wanted[name]}; {ways}"
        )
    new = [name for name in wanted if name not in there]
    if there and new:
        required = [name for name in new if record.model_fields[name].is_required()]
        if required and con.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():
            raise RecordIncompatible(
                table,
                f"field {required[0]} is new and required, the stored rows lack it; give it a default, {ways}",
            )
        for name in new:
            con.execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {wanted[name]}')
    elif not there:
        body = ", ".join(f'"{name}" {kind}' for name, kind in wanted.items())
        con.execute(f'CREATE TABLE "{table}" ({body})')
    if new:
        describe(con, table, record)


def describe(con: duckdb.DuckDBPyConnection, table: str, record: type[Record]) -> None:
    """Store what the class says of itself and its fields as comments of its table."""
    comment(con, "TABLE", table, record.__doc__, PROVENANCE | _descriptions(record))


def comment(
    con: duckdb.DuckDBPyConnection,
    what: Literal["TABLE", "VIEW"],
    name: str,
    about: str | None,
    columns: Mapping[str, str],
) -> None:
    """Store what a table or view is, and what its columns are, in the database itself."""
    if about:
        con.execute(f'COMMENT ON {what} "{name}" IS {quoted(" ".join(about.split()))}')
    for column, text in columns.items():
        con.execute(f'COMMENT ON COLUMN "{name}"."{column}" IS {quoted(text)}')


def rows(article_id: str, extractor: str, version: str, records: Iterable[Record]) -> Iterator[dict[str, Any]]:
    """Records as rows of their table. Raises `ValueError` for a number that no column can hold.

    The id leaves defaults out, so that a class that gains an optional field keeps the ids of its old records.
    """
    for record in records:
        row: dict[str, Any] = {
            "record_id": content_id(article_id, extractor, _told(record)),
            "article_id": article_id,
            "extractor": extractor,
            "version": version,
            "start_char": record.start,
            "end_char": record.end,
        }
        for name, kind in _fields(type(record)):
            value = getattr(record, name)
            row[name] = _json(value) if kind == "JSON" and value is not None else stored(value)
        yield row


def stored(value: Any) -> Any:
    """A field's value as its column holds it. Raises `ValueError` for a number out of range."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        # A lone surrogate has no UTF-8 form; Arrow would refuse the whole batch. One character stays one character.
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value) >= Decimal(10) ** 36:
            raise ValueError(f"{value} does not fit DECIMAL(38,2)")
        # Decimal's usual context would round to 28 digits.
        return Decimal(f"{value:.2f}")
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"{value} does not fit BIGINT")
        return value
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, set | frozenset):
        return sorted(map(stored, value))
    if isinstance(value, list | tuple):
        return [stored(one) for one in value]
    return value


def short_type(kind: str) -> str:
    """The type as this module writes it, from the way DuckDB spells it out."""
    return _SYNONYMS.get(kind, kind)


def description() -> str:
    """Changes when a built-in record class changes: its columns or what is said of them."""
    told: list[str] = []
    for name, record in BUILTIN.items():
        told += [name, str(record.__doc__), str(columns(record)), str(_descriptions(record))]
    for name, model in CORE.items():
        told += [name, str(model.__doc__), str(list(model.model_fields)), str(_descriptions(model))]
    return content_id(*told)


def _stored_columns(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    if shape.is_view(con, table):
        raise RecordIncompatible(table, "dealwire has a view of this name; give the extractor another name or table")
    return {name: short_type(kind) for name, kind in shape.columns(con, table).items()}


def _told(record: Record) -> str:
    try:
        return record.model_dump_json(exclude_defaults=True)
    except ValueError:
        # Text with a lone surrogate has no JSON in UTF-8.
        return ascii(record.model_dump(exclude_defaults=True))


@cache
def _fields(record: type[Record]) -> tuple[tuple[str, str], ...]:
    return tuple((name, kind) for name, kind in columns(record).items() if name not in PROVENANCE)


def _descriptions(model: type[BaseModel]) -> dict[str, str]:
    kept = {name: field.description for name, field in model.model_fields.items() if field.description}
    return {name: text for name, text in kept.items() if not (issubclass(model, Record) and name in ("start", "end"))}


def _json(value: Any) -> str:
    def plain(one: Any) -> Any:
        return one.model_dump(mode="json") if isinstance(one, BaseModel) else str(one)

    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=plain)
