"""Record classes as tables: the columns that a class makes, and how its records become rows.

Evidence is stored as `start_char` and `end_char`, because `end` is a reserved word of SQL.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import duckdb
from pydantic import BaseModel

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
PROVENANCE = {
    "record_id": "Content hash of article, extractor and record.",
    "article_id": "The article it stands in.",
    "extractor": "Who found it.",
    "version": "The extractor's version.",
    "start_char": "First code point of the evidence in `articles.text`, counted from 0.",
    "end_char": "One past its last code point.",
}
_PLAIN: dict[type, str] = {
    str: "VARCHAR",
    bool: "BOOLEAN",
    int: "BIGINT",
    float: "DOUBLE",
    Decimal: "DECIMAL(38,2)",
    datetime: "TIMESTAMPTZ",
    date: "DATE",
}
_SYNONYMS = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ", "DECIMAL(38, 2)": "DECIMAL(38,2)"}
_WAYS_OUT = (
    "give the field another name, give the extractor another name or table, "
    "or drop the table and extract the archive again"
)


def columns(record: type[Record]) -> dict[str, str]:
    """Column names and DuckDB types of a record class, provenance first. Raises `RecordIncompatible`."""
    found = dict.fromkeys(PROVENANCE, "VARCHAR") | {"start_char": "INTEGER", "end_char": "INTEGER"}
    folded = {name.casefold() for name in found}
    for name, field in record.model_fields.items():
        if name in ("start", "end"):
            continue
        if name.casefold() in folded:
            raise RecordIncompatible(
                record.__name__, f"the column {name} is there already; give the field another name"
            )
        folded.add(name.casefold())
        found[name] = column_type(field.annotation, f"{record.__name__}.{name}")
    return found


def column_type(annotation: Any, where: str) -> str:
    """The DuckDB type of a field; `where` names it in the `RecordIncompatible` that an unknown type raises."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return column_type(arguments[0], where)
    if origin is Literal:
        return _only({column_type(type(one), where) for one in arguments}, annotation, where)
    if origin in (Union, UnionType):
        return _only({column_type(one, where) for one in arguments if one is not type(None)}, annotation, where)
    if origin in (list, tuple, set, frozenset, Sequence):
        inner = _only({column_type(one, where) for one in arguments if one is not Ellipsis}, annotation, where)
        return "JSON" if inner == "JSON" else f"{inner}[]"
    if origin in (dict, Mapping):
        return "JSON"
    if isinstance(annotation, type):
        if annotation in _PLAIN:
            return _PLAIN[annotation]
        if issubclass(annotation, Enum):
            return "BIGINT" if issubclass(annotation, int) else "VARCHAR"
        if issubclass(annotation, BaseModel | dict):
            return "JSON"
    raise _unstorable(annotation, where)


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


def ensure(con: duckdb.DuckDBPyConnection, table: str, record: type[Record]) -> None:
    """Make the table of a record class, or add the columns that it lacks.

    Raises `RecordIncompatible` if the class does not fit what is stored: a column has another type, a required field
    is new, or the table is not one of records.
    """
    wanted, there = columns(record), _stored_columns(con, table)
    if there and not set(PROVENANCE) <= set(there):
        raise RecordIncompatible(table, "dealwire uses this name itself; give the extractor another name or table")
    changed = [name for name, kind in wanted.items() if name in there and there[name] != kind]
    if changed:
        name = changed[0]
        raise RecordIncompatible(
            table, f"column {name} is {there[name]}, {record.__name__} now says {wanted[name]}; {_WAYS_OUT}"
        )
    new = [name for name in wanted if name not in there]
    if there and new:
        required = [name for name in new if record.model_fields[name].is_required()]
        if required and con.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():
            raise RecordIncompatible(
                table,
                f"field {required[0]} is new and required, the stored rows lack it; give it a default, {_WAYS_OUT}",
            )
        for name in new:
            con.execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {wanted[name]}')
    elif not there:
        body = ", ".join(f'"{name}" {kind}' for name, kind in wanted.items())
        con.execute(f'CREATE TABLE "{table}" ({body})')
    if new:
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
        con.execute(f'COMMENT ON {what} "{name}" IS {_quoted(" ".join(about.split()))}')
    for column, text in columns.items():
        con.execute(f'COMMENT ON COLUMN "{name}"."{column}" IS {_quoted(text)}')


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
    found = con.execute(
        "SELECT column_name, data_type, table_type FROM information_schema.columns "
        "JOIN information_schema.tables USING (table_catalog, table_schema, table_name) WHERE table_name = ?",
        [table],
    ).fetchall()
    if any(kind == "VIEW" for _, _, kind in found):
        raise RecordIncompatible(table, "dealwire has a view of this name; give the extractor another name or table")
    return {name: short_type(kind) for name, kind, _ in found}


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


def _only(kinds: set[str], annotation: Any, where: str) -> str:
    if len(kinds) != 1:
        raise _unstorable(annotation, where)
    return kinds.pop()


def _unstorable(annotation: Any, where: str) -> RecordIncompatible:
    told = getattr(annotation, "__name__", None) or str(annotation)
    return RecordIncompatible(
        where,
        f"{told} has no column type; use str, int, float, bool, Decimal, date, datetime, an enum, a list of one of "
        "these, or a pydantic model",
    )


def _json(value: Any) -> str:
    def plain(one: Any) -> Any:
        return one.model_dump(mode="json") if isinstance(one, BaseModel) else str(one)

    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=plain)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
