"""Reads the catalogue's data files, each once a process."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from schemas.ids import slug


class Company(NamedTuple):
    """One company. `aliases` name it surely, `short` only where the full form stands in the same text."""

    name: str
    aliases: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    kind: str | None = None
    country: str | None = None
    ticker: str | None = None
    wikidata: str | None = None
    parent: str | None = None
    origin: str = ""
    ambiguous: bool = False


class Family(NamedTuple):
    """A family of chips or models: the pattern of its members, and what a text must hold for it to count."""

    owner: str
    family: str
    pattern: str
    name: str
    needs: str
    starts: str
    origin: str


@cache
def companies() -> tuple[Company, ...]:
    """Every known company, in the order of the file."""
    return tuple(
        Company(
            name=row["name"],
            aliases=tuple(row.get("aliases", ())),
            short=tuple(row.get("short", ())),
            kind=row.get("kind"),
            country=row.get("country"),
            ticker=row.get("ticker"),
            wikidata=row.get("wikidata"),
            parent=row.get("parent"),
            origin=row["origin"],
            ambiguous=row.get("ambiguous", False),
        )
        for row in _rows("companies.jsonl")
    )


@cache
def chip_families() -> tuple[Family, ...]:
    """Every known family of chips."""
    return tuple(_family(row, "vendor") for row in _rows("chips.jsonl"))


@cache
def model_families() -> tuple[Family, ...]:
    """Every known family of AI models."""
    return tuple(_family(row, "developer") for row in _rows("models.jsonl"))


@cache
def words(name: str) -> frozenset[str]:
    """The lines of the word list `name`, without comments and empty lines."""
    lines = _text(f"{name}.txt").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def company_rows() -> list[dict[str, object]]:
    """The companies as rows for the warehouse; `company_id` is the slug of the name."""
    return [
        {
            "company_id": slug(one.name),
            "name": one.name,
            "kind": one.kind,
            "country": one.country,
            "ticker": one.ticker,
            "wikidata": one.wikidata,
            "parent": one.parent,
            "aliases": [*one.aliases, *one.short],
            "known": True,
        }
        for one in companies()
    ]


def chip_rows() -> list[dict[str, object]]:
    """One row a chip family: its id, name, vendor and pattern."""
    return [_family_row("chip_id", "vendor", one) for one in chip_families()]


def model_rows() -> list[dict[str, object]]:
    """One row a model family: its id, name, developer and pattern."""
    return [_family_row("model_id", "developer", one) for one in model_families()]


def _family_row(key: str, owner: str, one: Family) -> dict[str, object]:
    name = one.name if "{" not in one.name else one.family
    return {key: slug(name), "name": name, owner: one.owner, "family": one.family, "pattern": one.pattern}


def _family(row: dict[str, Any], owner: str) -> Family:
    return Family(row[owner], row["family"], row["pattern"], row["name"], row["needs"], row["starts"], row["origin"])


def _rows(name: str) -> Iterator[dict[str, Any]]:
    # One parse of the whole file is several times faster than one a line.
    return iter(json.loads("[" + ",".join(filter(None, _text(name).splitlines())) + "]"))


def _text(name: str) -> str:
    return (files("extractors.catalog") / name).read_text(encoding="utf-8")
