"""The ledger: which extractor, in which version, has read which text."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import duckdb


class Version(NamedTuple):
    """An extractor as the ledger knows it: by its version, and by those of the extractors that it requires."""

    name: str
    version: str
    rests_on: str | None = None


Stale = tuple[str, str, tuple[str, ...]]
"""Id and text of an article, and the names of the extractors that have not read it as it is."""

_WANTED = """(
    SELECT unnest(?) AS extractor, unnest(?) AS version, unnest(?::VARCHAR[]) AS rests_on, unnest(range(?)) AS place
) AS wanted"""
_STALE = f"""
FROM articles CROSS JOIN {_WANTED}
WHERE text IS NOT NULL
    AND NOT EXISTS (
        SELECT 1
        FROM extractions
        WHERE extractions.article_id = articles.article_id
            AND extractions.extractor = wanted.extractor
            AND extractions.version = wanted.version
            AND extractions.rests_on IS NOT DISTINCT FROM wanted.rests_on
            AND extractions.text_hash IS NOT DISTINCT FROM articles.text_hash
    )
"""


def stale(
    con: duckdb.DuckDBPyConnection,
    extractors: Sequence[Version],
    limit: int,
    *,
    sample: bool = False,
    only: Sequence[str] | None = None,
) -> list[Stale]:
    """The articles that one of the extractors has not read as they are now, oldest first.

    A `sample` is of all ages, and the same at every call. `only`: none but these articles.
    """
    if not extractors:
        return []
    order = "hash(articles.article_id)" if sample else "first_seen_at, articles.article_id"
    found = con.execute(
        f"""
        WITH waiting AS (
            SELECT articles.article_id, first_seen_at, list(wanted.extractor ORDER BY place) AS names
            {_stale(only)}
            GROUP BY articles.article_id, first_seen_at
            ORDER BY {order}
            LIMIT ?
        )
        SELECT articles.article_id, text, names
        FROM waiting JOIN articles ON articles.article_id = waiting.article_id
        ORDER BY waiting.first_seen_at, articles.article_id
        """,
        [*_parameters(extractors, only), limit],
    ).fetchall()
    return [(article_id, text, tuple(names)) for article_id, text, names in found]


def stale_ids(con: duckdb.DuckDBPyConnection, extractors: Sequence[Version], limit: int) -> list[str]:
    """The ids of the articles that `stale` would give."""
    if not extractors:
        return []
    found = con.execute(
        f"SELECT articles.article_id {_STALE} GROUP BY articles.article_id, first_seen_at "
        "ORDER BY first_seen_at, articles.article_id LIMIT ?",
        [*_parameters(extractors), limit],
    ).fetchall()
    return [row[0] for row in found]


def stale_count(
    con: duckdb.DuckDBPyConnection, extractors: Sequence[Version], *, only: Sequence[str] | None = None
) -> int:
    """How many articles `stale` would give without a limit."""
    if not extractors:
        return 0
    query = f"SELECT count(DISTINCT articles.article_id) {_stale(only)}"
    row = con.execute(query, _parameters(extractors, only)).fetchone()
    return int(row[0]) if row else 0


def stale_by_extractor(con: duckdb.DuckDBPyConnection, extractors: Sequence[Version]) -> dict[str, int]:
    """How many articles each extractor has not read as they are now; those that have read all are left out."""
    if not extractors:
        return {}
    return dict(
        con.execute(f"SELECT wanted.extractor, count(*) {_STALE} GROUP BY ALL", _parameters(extractors)).fetchall()
    )


def reopen(con: duckdb.DuckDBPyConnection, extractors: Sequence[Version]) -> None:
    """Make stale again what these extractors have put off for a later pass; that is the one which begins now."""
    con.execute(
        "DELETE FROM extractions WHERE status = 'later' AND list_contains(?, extractor)",
        [[one.name for one in extractors]],
    )


def forget(con: duckdb.DuckDBPyConnection, extractors: Sequence[str]) -> int:
    """Let these extractors read everything again; how many articles that is. Their records stay until then."""
    row = con.execute(
        "SELECT count(DISTINCT article_id) FROM extractions WHERE list_contains(?, extractor)", [list(extractors)]
    ).fetchone()
    con.execute("DELETE FROM extractions WHERE list_contains(?, extractor)", [list(extractors)])
    return int(row[0]) if row else 0


def counts(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One row an extractor and version: articles it has read, failed on and put off, records and seconds."""
    done = con.execute(
        """
        SELECT extractor, version, count(*) FILTER (status IN ('ok', 'skipped')) AS articles,
            count(*) FILTER (status = 'failed') AS failed, count(*) FILTER (status = 'later') AS later,
            sum(records)::BIGINT AS records, sum(seconds) AS seconds
        FROM extractions GROUP BY extractor, version ORDER BY extractor, version
        """
    )
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def _stale(only: Sequence[str] | None) -> str:
    return _STALE if only is None else f"{_STALE} AND list_contains(?, articles.article_id)"


def _parameters(extractors: Sequence[Version], only: Sequence[str] | None = None) -> list[object]:
    names, versions, rest = zip(*extractors, strict=True)
    return [list(names), list(versions), list(rest), len(extractors), *([] if only is None else [list(only)])]
