"""Claims that were reported as wrong: they are kept, no deal is made of them, and each can be taken back.

Linking sees to the rest: a claim that is rejected or restored counts as changed.
"""

from datetime import datetime
from typing import Any

import duckdb

from dealwire.warehouse import load
from schemas.errors import InvalidInput, QueryFailed

Row = dict[str, Any]

_SAME = """rejected_claims.article_id = deal_claims.article_id
        AND (
            rejected_claims.claim_id = deal_claims.record_id
            OR (
                rejected_claims.kind = deal_claims.kind
                AND rejected_claims.payers IS NOT DISTINCT FROM deal_claims.payers
                AND rejected_claims.payees IS NOT DISTINCT FROM deal_claims.payees
                AND rejected_claims.parties IS NOT DISTINCT FROM deal_claims.parties
                AND rejected_claims.currency IS NOT DISTINCT FROM deal_claims.currency
                AND rejected_claims.amount_min IS NOT DISTINCT FROM deal_claims.amount_min
                AND rejected_claims.amount_max IS NOT DISTINCT FROM deal_claims.amount_max
            )
        )"""
IDS = f"""(
    SELECT deal_claims.record_id FROM deal_claims JOIN rejected_claims ON {_SAME}
)"""
"""SQL: the ids of the stored claims that are rejected, by their id or by what they state of the same article."""
_COLUMNS = ("article_id", "kind", "payers", "payees", "parties", "currency", "amount_min", "amount_max")


def reject(con: duckdb.DuckDBPyConnection, claim: str, *, now: datetime, reason: str | None = None) -> str:
    """Reject the claim whose id begins so; its id. Raises `InvalidInput` if there is none, or it is rejected."""
    claim_id = _claim(con, claim)
    if con.execute(f"SELECT 1 WHERE $id IN {IDS}", {"id": claim_id}).fetchone():
        raise InvalidInput("this claim was reported as wrong before")
    row = con.execute(f"SELECT {', '.join(_COLUMNS)} FROM deal_claims WHERE record_id = ?", [claim_id]).fetchone()
    told = {"claim_id": claim_id, **dict(zip(_COLUMNS, row or (), strict=True))}
    load.put(con, "rejected_claims", [{**told, "reason": reason or None, "rejected_at": now}], key=["claim_id"])
    return claim_id


def restore(con: duckdb.DuckDBPyConnection, claim: str) -> str:
    """Take back that a claim was rejected; its id. Raises `InvalidInput` if it was not."""
    query = f"""
    SELECT DISTINCT rejected_claims.claim_id, coalesce(deal_claims.record_id, rejected_claims.claim_id)
    FROM rejected_claims LEFT JOIN deal_claims ON {_SAME}
    WHERE starts_with(rejected_claims.claim_id, $id) OR starts_with(deal_claims.record_id, $id)
    """
    found = con.execute(query, {"id": claim}).fetchall()
    if not claim or not found:
        raise InvalidInput(f"no claim whose id begins with {claim!r} was reported as wrong")
    if len({row[1] for row in found}) > 1:
        raise QueryFailed(f"several claims' ids begin with {claim!r}; give more of it")
    con.execute("DELETE FROM rejected_claims WHERE claim_id IN (SELECT unnest(?))", [[row[0] for row in found]])
    return str(found[0][1])


def listed(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """The rejected claims with their articles, latest first; also those that no extractor finds any more."""
    query = """
    SELECT rejected_claims.*, articles.title, articles.url, articles.site
    FROM rejected_claims LEFT JOIN articles ON articles.article_id = rejected_claims.article_id
    ORDER BY rejected_at DESC, claim_id
    """
    done = con.execute(query)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def _claim(con: duckdb.DuckDBPyConnection, beginning: str) -> str:
    query = "SELECT DISTINCT record_id FROM deal_claims WHERE starts_with(record_id, ?) LIMIT 2"
    found = [row[0] for row in con.execute(query, [beginning]).fetchall()] if beginning else []
    if not found:
        raise InvalidInput(f"no claim's id begins with {beginning!r}; `dealwire why DEAL` shows them")
    if len(found) > 1:
        raise QueryFailed(f"several claims' ids begin with {beginning!r}; give more of it")
    return str(found[0])
