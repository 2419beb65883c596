"""Record classes as tables: the columns that a class makes, and how its records become rows.

Evidence is stored as `start_char` and `end_char`, because `end` is a reserved word of SQL.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import duckdb
from pydantic import BaseModel

from schemas import CapacityMention, ChipMention, CompanyMention, DealClaim, ModelMention, MoneyMention
from schemas.errors import RecordIncompatible
from schemas.ids import content_id
from schemas.record import Record

BUILTIN: Mapping[str, type[Record]] = {
    "company_mentions": CompanyMention,
    "money_mentions": MoneyMention,
    "chip_mentions": ChipMention,
    "model_mentions": ModelMention,
    "capacity_mentions": CapacityMention,
    "deal_claims": DealClaim,
}
PROVENANCE = {
    "record_id": "Content hash of article, extractor and record.",
    "article_id": "The article it stands in.",
    "extractor": "Who found it.",
    "version": "The extractor's version.",
    "start_char": "First code point of the evidence in articles.text.",
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


def columns(record: type[Record]) -> dict[str, str]:
    """Column names and DuckDB types of a record class, provenance first."""
    found = dict.fromkeys(PROVENANCE, "VARCHAR") | {"start_char": "INTEGER", "end_char": "INTEGER"}
    for name, field in record.model_fields.items():
        if name not in ("start", "end"):
            found[name] = _type(field.annotation, f"{record.__name__}.{name}")
    return found


def create_builtin(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of the built-in records."""
    for table, record in BUILTIN.items():
        ensure(con, table, record)


def ensure(con: duckdb.DuckDBPyConnection, table: str, record: type[Record]) -> None:
    """Make the table of a record class, or add the columns that it lacks.

    Raises `RecordIncompatible` if a column has another type than the class now gives it.
    """
    wanted = columns(record)
    there = {
        row[0]: row[1]
        for row in con.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = ?", [table]
        ).fetchall()
    }
    if not there:
        body = ", ".join(f'"{name}" {kind}' for name, kind in wanted.items())
        con.execute(f'CREATE TABLE "{table}" ({body})')
    for name, kind in wanted.items():
        if there and name not in there:
            con.execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')
        elif there and _same(there[name]) != _same(kind):
            raise RecordIncompatible(
                table,
                f"column {name} is {there[name]}, the record now says {kind}; give the field another name, "
                "give the extractor another name, or drop the table",
            )
    described = {name: field.description for name, field in record.model_fields.items() if field.description}
    for name, text in (PROVENANCE | described).items():
        if name in wanted and name not in there:
            con.execute(f"""COMMENT ON COLUMN "{table}"."{name}" IS '{text.replace("'", "''")}'""")


def rows(article_id: str, extractor: str, version: str, records: Iterable[Record]) -> Iterable[dict[str, Any]]:
    """Records as rows of their table."""
    for record in records:
        values = {name: _value(getattr(record, name)) for name in type(record).model_fields}
        start, end = values.pop("start"), values.pop("end")
        yield {
            "record_id": content_id(article_id, extractor, start, end, *values.values()),
            "article_id": article_id,
            "extractor": extractor,
            "version": version,
            "start_char": start,
            "end_char": end,
            **values,
        }


def _type(annotation: Any, where: str) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], where)
    if origin in (Union, UnionType):
        inner = [one for one in arguments if one is not type(None)]
        if len(inner) == 1:
            return _type(inner[0], where)
    elif origin in (list, tuple, set, frozenset, Sequence) and arguments:
        return _type(arguments[0], where) + "[]"
    elif isinstance(annotation, type):
        if annotation in _PLAIN:
            return _PLAIN[annotation]
        if issubclass(annotation, Enum):
            return "VARCHAR"
        if issubclass(annotation, BaseModel | dict):
            return "JSON"
    raise RecordIncompatible(where, f"{annotation!r} has no column type; use str, int, float, Decimal, date, or lists")


def _value(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, BaseModel):
        return value.model_dump_json()
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(one) for one in value]
    return value


def _same(kind: str) -> str:
    return kind.replace(" ", "").replace("TIMESTAMPWITHTIMEZONE", "TIMESTAMPTZ").upper()
