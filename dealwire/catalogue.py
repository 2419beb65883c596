"""The user's own names: the files that `[catalog]` of the settings lists, read and checked line by line.

Companies, chips and models are lines of JSON as in `extractors/catalog/`; companies and aliases may be CSV.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import duckdb
from pydantic import Field, ValidationError

from dealwire import jsonl
from dealwire.settings import Catalog, Settings
from dealwire.warehouse import load, notes
from extractors import catalog
from schemas.base import Frozen
from schemas.errors import InvalidInput
from schemas.ids import content_id, slug

_Name = Annotated[str, Field(min_length=1, pattern=r"\S")]
_Names = tuple[_Name, ...]
_OURS = "as in the lines of extractors/catalog"
# Lists in a field of CSV are divided by semicolons.
_LISTS = ("aliases", "short")
_LEFT = "left"


class CompanyLine(Frozen):
    """A company as a user writes it."""

    name: _Name
    aliases: _Names = ()
    short: _Names = ()
    ambiguous: bool = False
    kind: str | None = None
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$")
    parent: str | None = None
    ticker: str | None = None
    wikidata: str | None = Field(None, pattern=r"^Q\d+$")
    origin: str = "the user"


class _FamilyLine(Frozen):
    name: _Name
    aliases: _Names = ()
    family: str | None = None
    pattern: str | None = None
    starts: str = ""
    origin: str = "the user"


class ChipLine(_FamilyLine):
    """A chip or a family of chips as a user writes it."""

    vendor: _Name
    needs: Literal["", "vendor", "vendorprefix", "chipnoun", "context"] = ""


class ModelLine(_FamilyLine):
    """An AI model or a family of models as a user writes it."""

    developer: _Name
    needs: Literal["", "vendor"] = ""


class Alias(NamedTuple):
    """A name that means a company, and where the user says so."""

    alias: str
    company: str
    place: str


Line = TypeVar("Line", CompanyLine, ChipLine, ModelLine)


def prepare(settings: Settings) -> None:
    """Hand the user's names to the extractors of this process.

    Raises `InvalidInput` with the file and line at fault.
    """
    catalog.extend(read(settings.catalog))


def read(given: Catalog) -> catalog.Additions:
    """The entries of the files. Raises `InvalidInput` with the file and line at fault."""
    companies: dict[str, tuple[str, catalog.Company]] = {}
    for path in given.companies:
        lines = _csv_rows(path) if path.suffix.lower() == ".csv" else _json_rows(path)
        for place, row in lines:
            one = _checked(CompanyLine, row, place)
            if (before := companies.get(slug(one.name))) is not None:
                raise InvalidInput(f"{place}: {one.name!r} stands at {before[0]} already; leave one of the two out")
            companies[slug(one.name)] = (place, catalog.Company(**dict(one)))
    return catalog.Additions(
        companies=tuple(one for _, one in companies.values()),
        chips=tuple(_family(one, one.vendor, place) for place, one in _lines(given.chips, ChipLine)),
        models=tuple(_family(one, one.developer, place) for place, one in _lines(given.models, ModelLine)),
    )


def aliases(given: Catalog) -> list[Alias]:
    """The lines of the alias file. Raises `InvalidInput` with the line at fault."""
    path = given.aliases
    if path is None:
        return []
    found: dict[str, Alias] = {}
    for number, cells in _cells(path):
        place = f"{path} line {number}"
        if [cell.casefold() for cell in cells] == ["alias", "company"]:
            continue
        if len(cells) != 2 or not all(cells):
            raise InvalidInput(
                f"{place} should be alias,company, with names that hold a comma in double quotes; it has "
                f"{len(cells)} {'part' if len(cells) == 1 else 'parts'}"
            )
        one = Alias(cells[0], cells[1], place)
        before = found.setdefault(slug(one.alias), one)
        if slug(before.company) != slug(one.company):
            raise InvalidInput(
                f"{place}: {one.alias!r} means {before.company!r} at {before.place}; leave one of the two out"
            )
    return list(found.values())


def refresh(con: duckdb.DuckDBPyConnection) -> None:
    """Store the catalogue's names, the user's among them, and those discovered in the articles."""
    load.refresh_names(con, *_rows().values())
    notes.put(con, notes.NAMES, _print())


def refreshed(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the stored names are those of this catalogue and of all articles that were extracted."""
    return notes.get(con, notes.NAMES) == _print()


def leave(con: duckdb.DuckDBPyConnection) -> None:
    """Note that articles are extracted whose names are not stored yet: the next `refresh` has to see to all."""
    notes.put(con, notes.NAMES, _LEFT)


def left(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether whoever extracted last was stopped before it could `refresh`."""
    return notes.get(con, notes.NAMES) == _LEFT


@contextmanager
def following(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> Iterator[None]:
    """Bring the names that these articles mention before or after the block up to date; cheap for few articles.

    All others have to be so already, as `refreshed` tells.
    """
    before = load.mentioned(con, article_ids)
    yield
    after = load.mentioned(con, article_ids)
    load.refresh_mentioned(con, {table: before[table] | after[table] for table in before}, _rows())


@catalog.of_catalogue
def _rows() -> dict[str, list[dict[str, Any]]]:
    return {"companies": catalog.company_rows(), "chips": catalog.chip_rows(), "models": catalog.model_rows()}


@catalog.of_catalogue
def _print() -> str:
    """A short word that is another for another catalogue."""
    return content_id(json.dumps(_rows(), ensure_ascii=False, sort_keys=True))


def _lines(paths: Sequence[Path], kind: type[Line]) -> Iterator[tuple[str, Line]]:
    for path in paths:
        for place, row in _json_rows(path):
            yield place, _checked(kind, row, place)


def _family(one: ChipLine | ModelLine, owner: str, place: str) -> catalog.Family:
    """The family with what the line leaves out: a pattern of its names, and the letters they begin with."""
    if one.pattern is None:
        names = sorted((one.name, *one.aliases), key=len, reverse=True)
        pattern, starts = "|".join(map(re.escape, names)), "".join(sorted({name[0] for name in names}))
        shown = one.name.replace("{", "{{").replace("}", "}}")
    else:
        pattern, starts, shown = one.pattern, one.starts, one.name
        if not starts:
            raise InvalidInput(f'{place}: add "starts", the letters that a name of this pattern may begin with')
    try:
        groups = re.compile(f"(?:{pattern})(?P<plural>s)?").groups
        shown.format(*[""] * groups)
    except re.error as error:
        raise InvalidInput(f"{place}: the pattern is no regular expression ({error})") from error
    except (IndexError, KeyError, ValueError) as error:
        raise InvalidInput(f"{place}: the name may hold {{0}} and the numbers of the pattern's groups alone") from error
    return catalog.Family(owner, one.family or one.name, pattern, shown, one.needs, starts, one.origin)


def _checked(kind: type[Line], row: Any, place: str) -> Line:
    if not isinstance(row, dict):
        raise InvalidInput(f'{place} should be an object such as {{"name": "Acme", "aliases": ["Acme Labs"]}}')
    try:
        return kind(**row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            raise InvalidInput(
                f"{place}: there is no field {field!r}; known are {', '.join(kind.model_fields)}"
            ) from error
        if first["type"] == "missing":
            raise InvalidInput(f'{place} has no "{field}"; fields are {_OURS}') from error
        raise InvalidInput(f"{place}: {field}: {first['msg']}, not {first['input']!r}; fields are {_OURS}") from error
    except TypeError as error:
        raise InvalidInput(f"{place}: fields are {_OURS}") from error


def _json_rows(path: Path) -> Iterator[tuple[str, Any]]:
    with _opened(path) as lines:
        for number, row in jsonl.values(lines, str(path)):
            yield f"{path} line {number}", row


def _csv_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    columns: list[str] | None = None
    for number, cells in _cells(path):
        if columns is None:
            columns = cells
            unknown = [name for name in columns if name not in CompanyLine.model_fields]
            if "name" not in columns or unknown:
                raise InvalidInput(
                    f"{path} line {number} should name the columns, such as name,aliases; "
                    f"known are {', '.join(CompanyLine.model_fields)}"
                )
            continue
        if len(cells) > len(columns):
            raise InvalidInput(
                f"{path} line {number} has {len(cells)} parts for {len(columns)} columns; put names that hold a comma "
                "in double quotes, and divide aliases by ;"
            )
        row: dict[str, Any] = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
        for name in _LISTS:
            if name in row:
                row[name] = tuple(part.strip() for part in row[name].split(";") if part.strip())
        yield f"{path} line {number}", row


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file that are neither empty nor begin with #, each with the number of its line."""
    with _opened(path) as lines:
        reader = csv.reader(lines, skipinitialspace=True, strict=True)
        try:
            for cells in reader:
                stripped = [cell.strip() for cell in cells]
                if any(stripped) and not stripped[0].startswith("#"):
                    yield reader.line_num, stripped
        except csv.Error as error:
            raise InvalidInput(f"{path} line {reader.line_num} is no CSV ({error})") from error


@contextmanager
def _opened(path: Path) -> Iterator[Iterator[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield file
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidInput(f"{path}, which [catalog] of the settings names, cannot be read ({reason})") from error
