"""The ledger: which extractor, in which version, has read which text."""

from collections.abc import Sequence
from typing import Any

import duckdb

from schemas.ids import content_id

Version = tuple[str, str]
"""Name and version of an extractor."""

_PENDING = """
FROM articles
WHERE text IS NOT NULL
    AND (
        SELECT count(*)
        FROM extractions
        WHERE extractions.article_id = articles.article_id
            AND extractions.text_hash IS NOT DISTINCT FROM articles.text_hash
            AND list_contains(?, extractions.extractor || ' ' || extractions.version)
    ) < ?
"""


def pending(con: duckdb.DuckDBPyConnection, extractors: Sequence[Version], limit: int) -> list[tuple[str, str]]:
    """Id and text of the articles that one of the extractors has not read as they are now, oldest first."""
    return con.execute(
        f"SELECT article_id, text {_PENDING} ORDER BY first_seen_at, article_id LIMIT ?",
        [*_parameters(extractors), limit],
    ).fetchall()


def pending_count(con: duckdb.DuckDBPyConnection, extractors: Sequence[Version]) -> int:
    """How many articles `pending` would give without a limit."""
    row = con.execute(f"SELECT count(*) {_PENDING}", _parameters(extractors)).fetchone()
    return int(row[0]) if row else 0


def forget(con: duckdb.DuckDBPyConnection, extractors: Sequence[str]) -> int:
    """Let these extractors read everything again; how many articles that is. Their records stay until then."""
    row = con.execute(
        "SELECT count(DISTINCT article_id) FROM extractions WHERE list_contains(?, extractor)", [list(extractors)]
    ).fetchone()
    con.execute("DELETE FROM extractions WHERE list_contains(?, extractor)", [list(extractors)])
    return int(row[0]) if row else 0


def fingerprint(con: duckdb.DuckDBPyConnection) -> str:
    """Changes when the claims, or what linking knows of the articles they stand in, change."""
    row = con.execute(
        """
        SELECT count(*), bit_xor(hash(
            record_id, payers, payees, parties, published_at, first_seen_at, title, site, url, text_hash
        ))
        FROM deal_claims JOIN articles ON articles.article_id = deal_claims.article_id
        """
    ).fetchone()
    return content_id(*(row or ()))


def counts(con: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One row an extractor and version: articles it has read, articles it failed on, records and seconds."""
    done = con.execute(
        """
        SELECT extractor, version, count(*) FILTER (status = 'ok') AS articles,
            count(*) FILTER (status <> 'ok') AS failed, sum(records)::BIGINT AS records, sum(seconds) AS seconds
        FROM extractions GROUP BY extractor, version ORDER BY extractor, version
        """
    )
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def _parameters(extractors: Sequence[Version]) -> list[object]:
    return [[f"{name} {version}" for name, version in extractors], len(extractors)]
