"""Leafing through a list by the sort key of its last row, not by a number of rows.

So what is stored meanwhile neither shifts the pages that follow nor shows a row twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from dealwire.warehouse.among import texts
from dealwire.warehouse.queries import Row, rows
from schemas.errors import InvalidInput

Position = tuple[str, ...]
"""The sort key of a row, as texts that the database reads back."""


class Page(NamedTuple):
    """One page of a list. `after`: the position from which the next one goes on; None: there is no more."""

    rows: list[Row]
    after: Position | None


class Key(NamedTuple):
    """One column that a list is sorted by."""

    expression: str
    kind: str
    down: bool = False


def keys(
    con: duckdb.DuckDBPyConnection,
    source: str,
    where: Sequence[str],
    given: Row,
    order: Sequence[Key],
    after: Position | None,
    limit: int,
    *,
    again: bool = False,
) -> tuple[list[Position], bool]:
    """The sort keys of the rows of one page, and whether there are more behind it.

    `again`: beginning with the row at `after`, which was not shown to its end.
    """
    conditions = list(where)
    if after is not None:
        if len(after) != len(order):
            raise InvalidInput(_NO_CURSOR)
        conditions.append(_behind(order, again=again))
        given = given | {f"after{number}": value for number, value in enumerate(after)}
    columns = ", ".join(f"({key.expression})::VARCHAR" for key in order)
    sorting = ", ".join(f"{key.expression}{' DESC' if key.down else ''}" for key in order)
    query = f"""
    SELECT {columns} {source} {"WHERE " + " AND ".join(conditions) if conditions else ""}
    ORDER BY {sorting} LIMIT {limit + 1:d}
    """
    try:
        found = con.execute(query, given).fetchall() if given else con.execute(query).fetchall()
    except duckdb.ConversionException as error:
        if after is None:
            raise
        raise InvalidInput(_NO_CURSOR) from error
    return found[:limit], len(found) > limit


def _behind(order: Sequence[Key], *, again: bool) -> str:
    """Whether a row comes after the position that is given as `$after0`, `$after1` …"""
    cases = []
    for number, key in enumerate(order):
        same = [f"{one.expression} = $after{n}::{one.kind}" for n, one in enumerate(order[:number])]
        cases.append(" AND ".join([*same, f"{key.expression} {'<' if key.down else '>'} $after{number}::{key.kind}"]))
    if again:
        cases.append(" AND ".join(f"{one.expression} = $after{n}::{one.kind}" for n, one in enumerate(order)))
    return f"({' OR '.join(f'({case})' for case in cases)})"


def page_of(
    con: duckdb.DuckDBPyConnection,
    query: str,
    found: list[Position],
    more: bool,
    columns: Sequence[str],
    places: Sequence[int],
) -> Page:
    """The rows of the keys, in their order; `columns` of a row stand at `places` in its key, the first one as `$ids`.

    With the ids at hand the database works a view out for these rows alone; with a subquery it does not.
    """
    if not found:
        return Page([], None)
    ids = list(dict.fromkeys(key[places[0]] for key in found))
    shown = {tuple(row[name] for name in columns): row for row in rows(con, query, {"ids": texts(ids)})}
    wanted = (tuple(key[place] for place in places) for key in found)
    return Page([shown[one] for one in wanted if one in shown], found[-1] if more else None)


def words_of(text: str | None) -> list[str]:
    """The words to look for; ten are enough for anybody."""
    return (text or "").lower().split()[:10]


def contain(told: str, words: Sequence[str], given: Row) -> str:
    """Whether a text holds all words; they are added to `given`."""
    given.update({f"word{number}": word for number, word in enumerate(words)})
    return f"({' AND '.join(f'contains({told}, $word{number})' for number in range(len(words)))})"


def only(given: Row, which: Sequence[str]) -> Row:
    """Those parameters that the conditions name: the database refuses others."""
    return {name: value for name, value in given.items() if any(f"${name}" in one for one in which)}


_NO_CURSOR = "the cursor is none of this list's; begin without one"
