"""Companies that are one: merging a name into another, taking that back, and the alias file that does the same.

Each re-resolves what is stored: mentions, claims, and the owners of chips and models; `steps.link` then makes the deals
as if the names had been one from the beginning.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import duckdb

from dealwire import catalogue
from dealwire.opening import warehouse
from dealwire.settings import Settings
from dealwire.warehouse import corrections, queries
from dealwire.warehouse.connect import Warehouse
from extractors import resolve
from schemas import CompanyMerge, slug
from schemas.errors import InvalidInput, WarehouseMissing

Row = dict[str, Any]


@dataclass(frozen=True)
class Merger:
    """Two companies as they are stored, and whether they were merged before."""

    one: Row
    into: Row
    done: bool = False


def find(con: duckdb.DuckDBPyConnection, one: str, into: str) -> Merger:
    """The two companies that the words name, by name or id. Raises `InvalidInput` if one is unknown or cannot be."""
    rows = queries.company_names(con)
    merged = corrections.merges(con)
    target, before = _named(rows, into), _merged(merged, one)
    if target is None and (other := _merged(merged, into)):
        raise InvalidInput(
            f"{other.name} was merged into {other.into_name}; merge into that, or first `dealwire companies split "
            f'"{other.name}"`'
        )
    target = target or _named(rows, into, aliases=True)
    if target is None:
        raise _unknown(rows, into)
    if before is not None and _named(rows, one) is None:
        end = corrections.meanings(merged)[before.company_id]
        if target["company_id"] in (end.company_id, before.into_id):
            return Merger({"company_id": before.company_id, "name": before.name}, target, done=True)
        raise InvalidInput(
            f"{before.name} was merged into {before.into_name}; take that back first: "
            f'`dealwire companies split "{before.name}"`'
        )
    found = _named(rows, one)
    if found is None and (home := _named(rows, one, aliases=True)):
        raise InvalidInput(f"{one!r} is another name of {home['name']}; give that to merge all of it")
    if found is None:
        raise _unknown(rows, one)
    if found["company_id"] == target["company_id"]:
        raise InvalidInput(f"{one!r} and {into!r} both name {found['name']}; there is nothing to merge")
    return Merger(found, target)


def merge(settings: Settings, one: str, into: str, *, now: datetime | None = None) -> bool:
    """Make `one` a name of `into`, in what is stored and in all articles to come; False if it was one before.

    Raises `InvalidInput` if a name is unknown.
    """
    catalogue.prepare(settings)
    with _there(settings).write() as con:
        found = find(con, one, into)
        if found.done:
            return False
        new = CompanyMerge(
            company_id=found.one["company_id"],
            name=found.one["name"],
            into_id=found.into["company_id"],
            into_name=found.into["name"],
            known=found.into["known"],
            source="merge",
            merged_at=now or datetime.now(UTC),
        )
        _store_all(con, [*corrections.merges(con), new])
        return True


def split(settings: Settings, name: str) -> CompanyMerge:
    """Take back that a company was merged into another; what was taken back. Raises `InvalidInput` if it was not."""
    catalogue.prepare(settings)
    with _there(settings).write() as con:
        merged = corrections.merges(con)
        old = _merged(merged, name)
        if old is None:
            raise InvalidInput(
                f"{name!r} was not merged into another; `dealwire companies merged` lists those that were"
            )
        if old.source == "aliases":
            raise InvalidInput(f"{old.name} is in the alias file {settings.catalog.aliases}; take its line out there")
        _store_all(con, [one for one in merged if one is not old])
        return old


def synchronise(settings: Settings, *, now: datetime | None = None) -> bool:
    """Bring the corrections up to what the alias file and the catalogue say; whether anything changed.

    A merge that was said by command stays before the file's. Raises `InvalidInput` with the line at fault.
    """
    said = Corrections(settings, now=now)
    with warehouse(settings).write() as con:
        return said.synchronise(con)


class Corrections:
    """What the alias file says, read when this is made. Raises `InvalidInput` with the line at fault."""

    def __init__(self, settings: Settings, *, now: datetime | None = None) -> None:
        self._lines = catalogue.aliases(settings.catalog)
        self._now = now

    def synchronise(self, con: duckdb.DuckDBPyConnection) -> bool:
        """As `merging.synchronise`, in a transaction of the caller's, which has to be undone if this raises."""
        before = corrections.merges(con)
        after = _with_aliases(before, self._lines, self._now or datetime.now(UTC))
        if after == before:
            return False
        _store_all(con, after)
        return True


def meanings(settings: Settings, *, stored: bool = True) -> corrections.Meanings:
    """What names stand for by the alias file and, if `stored`, by the merges that a warehouse, if there is one, knows.

    Nothing is written. Raises `InvalidInput` with the line at fault, and what opening the warehouse raises.
    """
    lines = catalogue.aliases(settings.catalog)
    before: list[CompanyMerge] = []
    if stored:
        with suppress(WarehouseMissing), warehouse(settings).read() as con:
            before = corrections.merges(con)
    return corrections.meanings(_with_aliases(before, lines, datetime.now(UTC)))


def _with_aliases(
    before: Sequence[CompanyMerge], lines: Iterable[catalogue.Alias], now: datetime
) -> list[CompanyMerge]:
    """The corrections there were with what the file says now, in the order of their ids."""
    said = {one.company_id: one for one in before}
    after = {one.company_id: _fresh(one) for one in before if one.source == "merge"}
    for line in lines:
        one = _correction(line, now)
        if one is None or one.company_id in after:
            continue
        old = said.get(one.company_id)
        after[one.company_id] = one.model_copy(update={"merged_at": old.merged_at}) if old else one
        if _circular(after, one):
            raise InvalidInput(
                f"{line.place}: {line.company!r} itself means {line.alias!r} by another line or merge; "
                "leave one of the two out"
            )
    return sorted(after.values(), key=lambda one: one.company_id)


def _correction(line: catalogue.Alias, at: datetime) -> CompanyMerge | None:
    """What a line of the alias file says; None if both names are one company's anyway."""
    known = resolve.company(line.alias)
    company_id, into_id = resolve.company_id(line.alias), resolve.company_id(line.company)
    if company_id == into_id:
        return None
    if known is not None and slug(known.name) != slug(line.alias):
        raise InvalidInput(
            f"{line.place}: {line.alias!r} is a name of {known.name} in the catalogue; write {known.name!r} to merge "
            "all of it, or give the name to another company in a file of companies"
        )
    into = resolve.canonical(line.company)
    return CompanyMerge(
        company_id=company_id,
        name=line.alias,
        into_id=into_id,
        into_name=into,
        known=resolve.company(into) is not None,
        source="aliases",
        merged_at=at,
    )


def _fresh(one: CompanyMerge) -> CompanyMerge:
    return one.model_copy(update={"known": resolve.company(one.into_name) is not None})


def _circular(merged: dict[str, CompanyMerge], one: CompanyMerge) -> bool:
    passed, at = {one.company_id}, one
    while (following := merged.get(at.into_id)) is not None:
        if following.company_id in passed:
            return True
        passed.add(following.company_id)
        at = following
    return False


def _store_all(con: duckdb.DuckDBPyConnection, merged: Iterable[CompanyMerge]) -> None:
    corrections.store(con, list(merged))
    catalogue.refresh(con)


def _merged(merged: Iterable[CompanyMerge], word: str) -> CompanyMerge | None:
    """The correction of the company of this id or name, case and legal form aside."""
    keys = {word, slug(resolve.without_form(word))}
    return next((one for one in merged if one.company_id in keys or one.name == word), None)


def _named(rows: Iterable[Row], word: str, *, aliases: bool = False) -> Row | None:
    """The company of this id or name, case and legal form aside; with `aliases` also by another name of it."""
    folded, bare = word.casefold(), resolve.without_form(word).casefold()
    key = slug(bare)
    tests: list[Callable[[Row], bool]] = [
        lambda row: row["company_id"] == word,
        lambda row: row["name"] == word,
        lambda row: row["name"].casefold() in (folded, bare),
        lambda row: bool(row["company_id"] == key),
    ]
    if aliases:
        tests.append(lambda row: any(alias.casefold() == folded for alias in row["aliases"] or ()))
    return next((row for test in tests for row in rows if test(row)), None)


def _unknown(rows: list[Row], word: str) -> InvalidInput:
    names = {row["name"].casefold(): row["name"] for row in rows}
    folded = word.casefold()
    near = [key for key in names if len(folded) > 2 and key.startswith(folded)][:3]
    near += [key for key in get_close_matches(folded, names, n=3, cutoff=0.7) if key not in near]
    told = (
        f"near: {', '.join(names[key] for key in near[:4])}" if near else "`dealwire companies` lists those there are"
    )
    return InvalidInput(f"there is no company {word!r}; {told}")


def _there(settings: Settings) -> Warehouse:
    """The warehouse, which is not made for this. Raises `WarehouseMissing`."""
    store = warehouse(settings)
    if not store.exists():
        raise WarehouseMissing(store.place)
    return store
