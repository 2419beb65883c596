"""Reads the catalogue's data files, each once a process, and puts a user's entries before ours."""

import json
from collections.abc import Callable, Iterator
from functools import cache, wraps
from importlib.resources import files
from typing import Any, NamedTuple, ParamSpec, TypeVar

from schemas.ids import content_id, slug

P = ParamSpec("P")
T = TypeVar("T")


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


class Additions(NamedTuple):
    """What a user adds to the catalogue; it can be handed to other processes."""

    companies: tuple[Company, ...] = ()
    chips: tuple[Family, ...] = ()
    models: tuple[Family, ...] = ()

    @property
    def mark(self) -> str:
        """Eight digits that change when the additions do; empty if there are none."""
        return content_id(*self)[:8] if any(self) else ""

    @classmethod
    def unpacked(cls, told: list[Any]) -> "Additions":
        """As it was before it was written as JSON, which turns tuples into lists."""
        companies, chips, models = told
        return cls(
            tuple(
                Company._make(tuple(one) if isinstance(one, list) else one for one in fields) for fields in companies
            ),
            tuple(map(Family._make, chips)),
            tuple(map(Family._make, models)),
        )


_added = [Additions()]
_forget: list[Callable[[], None]] = []


def extend(additions: Additions) -> None:
    """Put a user's entries before ours, in place of what was added before.

    Call it in every process that reads texts, before it does. What was made of the catalogue is made anew if the
    additions are others than before.
    """
    if additions != _added[0]:
        _added[0] = additions
        for clear in _forget:
            clear()


def added() -> Additions:
    """What the catalogue is extended by in this process."""
    return _added[0]


def of_catalogue(function: Callable[P, T]) -> Callable[P, T]:
    """`functools.cache` for what is made of the catalogue: forgotten when that is extended."""
    kept = cache(function)
    _forget.append(kept.cache_clear)

    @wraps(function)
    def made(*args: P.args, **kwargs: P.kwargs) -> T:
        return kept(*args, **kwargs)  # type: ignore[arg-type]  # hashable, as for every cache

    return made


@of_catalogue
def companies() -> tuple[Company, ...]:
    """Every known company: the user's, then ours in the order of the file.

    A user's entry takes the place of ours that has its name or one of its aliases for a name, and takes its names away
    from the others of ours.
    """
    mine = added().companies
    if not mine:
        return _companies()
    taken = {slug(name) for one in mine for name in (one.name, *one.aliases)}
    return mine + tuple(
        one._replace(aliases=_without(one.aliases, taken), short=_without(one.short, taken))
        for one in _companies()
        if slug(one.name) not in taken
    )


def _without(names: tuple[str, ...], taken: set[str]) -> tuple[str, ...]:
    return tuple(name for name in names if slug(name) not in taken)


@cache
def _companies() -> tuple[Company, ...]:
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


def chip_families() -> tuple[Family, ...]:
    """Every known family of chips, the user's first."""
    return added().chips + _chips()


def model_families() -> tuple[Family, ...]:
    """Every known family of AI models, the user's first."""
    return added().models + _models()


@cache
def _chips() -> tuple[Family, ...]:
    return tuple(_family(row, "vendor") for row in _rows("chips.jsonl"))


@cache
def _models() -> tuple[Family, ...]:
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
    """One row a chip family: its id, name, vendor and pattern; of several with one id the last counts."""
    return [_family_row("chip_id", "vendor", one) for one in (*_chips(), *added().chips)]


def model_rows() -> list[dict[str, object]]:
    """One row a model family: its id, name, developer and pattern; of several with one id the last counts."""
    return [_family_row("model_id", "developer", one) for one in (*_models(), *added().models)]


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
