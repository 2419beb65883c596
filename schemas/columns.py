"""Record classes as columns: which DuckDB type each field has, and which names a table may have."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from schemas.errors import RecordIncompatible
from schemas.record import Record

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
_INSTEAD: tuple[tuple[type | tuple[type, ...], str], ...] = (
    ((bytes, UUID, PurePath), "str"),
    (timedelta, "float, in seconds"),
    (time, "str or datetime"),
    (complex, "two fields of float"),
)
_SUPPORTED = (
    "str, int, float, bool, Decimal, date, datetime, an enum, a list of one of these, or a pydantic model, each "
    "also `| None`"
)
OWN_TABLES = frozenset(
    """
    alliance_overview alliances article_addresses article_revisions articles backfills capacity_mentions
    chip_mentions chips circular_flows circular_hubs companies company_mentions company_merges currency_rates
    deal_claims deal_history deal_overview deal_sources deals deliveries entries extractions extractors feed_health
    feeds hosts linked_by linked_claims linked_keys mentions model_mentions models money_flows money_mentions
    names_as_found outbox pages polls publications rejected_claims related_alliances related_deals schema_changes
    site_rules step_notes subscribers subscriptions told_alliances told_deals
    """.split()  # noqa: SIM905 - a list would take a line a word
)
"""Tables and views of dealwire's own; a test keeps the list whole."""
_SQL = frozenset(
    """
    all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast
    check collate collation column columns concurrently constraint create cross default deferrable desc describe
    distinct do else end except false fetch for foreign freeze from full generated glob grant group having ilike
    in initially inner intersect into is isnull join lambda lateral leading left like limit map natural not
    notnull null offset on only or order outer overlaps pivot pivot_longer pivot_wider placing positional
    primary qualify references returning right select semi show similar some struct summarize symmetric table
    tablesample then to trailing true try_cast union unique unpack unpivot using variadic verbose when where
    window with
    """.split()  # noqa: SIM905 - a list would take a line a word
)
"""Words that SQL takes for something else unless they are quoted."""


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


def why_no_table(name: str) -> str | None:
    """Why a table of a user's own cannot have this name; None if it can."""
    if not (name.isascii() and name.isidentifier() and name == name.lower() and name[0].isalpha() and len(name) < 64):
        return f"{name!r} cannot name an SQL table; use lower-case letters, digits and _, and begin with a letter"
    if name in _SQL:
        return f"{name} is a word of SQL, so it cannot name an SQL table; choose another"
    return None


def _only(kinds: set[str], annotation: Any, where: str) -> str:
    if len(kinds) != 1:
        raise _unstorable(annotation, where)
    return kinds.pop()


def _unstorable(annotation: Any, where: str) -> RecordIncompatible:
    told = str(annotation) if get_origin(annotation) else getattr(annotation, "__name__", None) or str(annotation)
    return RecordIncompatible(where, f"{told} has no column type; use {_instead(annotation)}")


def _instead(annotation: Any) -> str:
    if get_origin(annotation) in (Union, UnionType):
        return f"one type, and None beside it if need be: {_SUPPORTED}"
    for kinds, better in _INSTEAD:
        if isinstance(annotation, type) and issubclass(annotation, kinds):
            return better
    return _SUPPORTED
