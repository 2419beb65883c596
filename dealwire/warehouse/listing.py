"""Lists of alliances, deals and flows that pages and programs leaf through: filters in, one page of rows out."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
from pydantic import Field

from dealwire.warehouse.among import AMONG_IDS, ONE_OF_IDS, texts
from dealwire.warehouse.keyset import Key, Page, Position, contain, keys, page_of, words_of
from dealwire.warehouse.queries import Row, rows
from schemas import DealKind, DealStatus
from schemas.base import Frozen

_DEAL_ORDER = (
    Key("deals.announced_on", "DATE", True),
    Key("coalesce(deals.usd_max, deals.usd_min, -1)", "DECIMAL(38,2)", True),
    Key("deals.deal_id", "VARCHAR"),
)
_ALLIANCE_ORDER = (
    Key("alliances.announced_on", "DATE", True),
    Key("coalesce(alliances.usd_max, -1)", "DECIMAL(38,2)", True),
    Key("alliances.alliance_id", "VARCHAR"),
)
_FLOW_ORDER = (*_DEAL_ORDER, Key("payer", "VARCHAR"), Key("payee", "VARCHAR"))


class Wanted(Frozen):
    """Which deals, and the alliances they belong to; None: any. `company` is a canonical name in any case."""

    company: str | None = None
    kind: DealKind | None = None
    status: DealStatus | None = None
    since: date | None = Field(None, description="First day to include.")
    until: date | None = Field(None, description="Last day to include.")
    min_usd: float | None = Field(None, description="Least sum in US dollars; what has no known sum is left out.")
    min_confidence: float | None = None
    confirmed: bool = Field(False, description="Only what two sites or more tell of.")
    text: str | None = Field(None, description="Words that all stand in the names of its companies, or in one title.")


def alliances(
    con: duckdb.DuckDBPyConnection, wanted: Wanted | None = None, *, after: Position | None = None, limit: int = 20
) -> Page:
    """Alliances, newest first, then largest: what `alliance_overview` has, with `confidence`, `deals` as rows."""
    where, given = fitting_alliances(wanted or Wanted())
    found, more = keys(con, "FROM alliances", where, given, _ALLIANCE_ORDER, after, limit)
    return Page(alliances_of(con, [key[2] for key in found]), found[-1] if more else None)


def alliances_of(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[Row]:
    """The alliances of these ids, in that order, as `alliances` gives them; an id that is none is passed over.

    The view would be asked more shortly, but in three times the time.
    """
    if not ids:
        return []
    base = f"SELECT * EXCLUDE (deals, sources) FROM alliances WHERE alliance_id IN {AMONG_IDS}"
    found = {row["alliance_id"]: row for row in rows(con, base, {"ids": texts(ids)})}
    legs = legs_of(con, list(found))
    sources = {row["alliance_id"]: row for row in rows(con, _SOURCES, {"ids": texts(found)})}
    involved = {row["alliance_id"]: row for row in rows(con, _INVOLVED, {"ids": texts(found)})}
    for one, row in found.items():
        deals, told, named = legs[one], sources.get(one, {}), involved.get(one, {})
        if row["usd_max"] is None:
            row["usd_max"] = _sum(deals)
        row |= {
            "deals": deals,
            "kinds": sorted({deal["kind"] for deal in deals}),
            "chips": named.get("chips") or [],
            "models": named.get("models") or [],
            **{name: _sum(deals, kinds) for name, kinds in _TOTALS.items()},
            "confidence": max((deal["confidence"] for deal in deals if deal["confidence"] is not None), default=None),
            "sources": told.get("sources", 0),
            "sites": told.get("sites") or [],
            "first_seen_at": told.get("first_seen_at"),
        }
    return [found[one] for one in ids if one in found]


def legs_of(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> dict[str, list[Row]]:
    """For each of these alliances its rows of `deals`, money first, largest first."""
    query = f"""
    SELECT * FROM deals WHERE alliance_id IN {AMONG_IDS}
    ORDER BY kind IN ('partnership', 'joint_venture'), coalesce(usd_max, usd_min) DESC NULLS LAST, kind, deal_id
    """
    legs: dict[str, list[Row]] = {one: [] for one in ids}
    for row in rows(con, query, {"ids": texts(ids)}):
        legs[row["alliance_id"]].append(row)
    return legs


def deals(
    con: duckdb.DuckDBPyConnection, wanted: Wanted | None = None, *, after: Position | None = None, limit: int = 20
) -> Page:
    """Rows of `deal_overview`, newest first, then largest."""
    where, given = fitting_deals(wanted or Wanted())
    found, more = keys(con, "FROM deals", where, given, _DEAL_ORDER, after, limit)
    return Page(deals_of(con, [key[2] for key in found]), found[-1] if more else None)


def deals_of(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[Row]:
    """The rows of `deal_overview` of these ids, in that order; an id that is none is passed over."""
    if not ids:
        return []
    # The view alone would read the texts of all articles for the sentences of these.
    shown = f"SELECT * EXCLUDE (evidence) FROM deal_overview WHERE deal_id IN {AMONG_IDS}"
    found = {row["deal_id"]: row for row in rows(con, shown, {"ids": texts(ids)})}
    spans = {(row["deal_id"], row["article_id"]): row for row in rows(con, _SPANS, {"ids": texts(found)})}
    told = f"SELECT article_id, text FROM articles WHERE {ONE_OF_IDS.format('article_id')}"
    best = list({row["best_article_id"] for row in found.values()} - {None})
    text_of = {row["article_id"]: row["text"] for row in rows(con, told, {"ids": texts(best)})} if best else {}
    for row in found.values():
        span, text = spans.get((row["deal_id"], row["best_article_id"])), text_of.get(row["best_article_id"])
        row["evidence"] = text[span["start_char"] : span["end_char"]] if span and text is not None else None
    return [found[one] for one in ids if one in found]


def flows(
    con: duckdb.DuckDBPyConnection, wanted: Wanted | None = None, *, after: Position | None = None, limit: int = 20
) -> Page:
    """Rows of `money_flows`, newest first, then largest. A company that is wanted pays or is paid in each."""
    one = wanted or Wanted()
    where, given = fitting_deals(one)
    where.append("kind NOT IN ('partnership', 'joint_venture')")
    sides = """FROM (
        SELECT *, unnest(payees) AS payee FROM (SELECT *, unnest(payers) AS payer FROM deals)
    ) AS deals"""
    if one.company:
        where.append("lower($company) IN (lower(payer), lower(payee))")
    found, more = keys(con, sides, where, given, _FLOW_ORDER, after, limit)
    query = f"SELECT * FROM money_flows WHERE deal_id IN {AMONG_IDS}"
    return page_of(con, query, found, more, ("deal_id", "payer", "payee"), (2, 3, 4))


def related(con: duckdb.DuckDBPyConnection, alliance_id: str, *, limit: int = 20) -> list[Row]:
    """Earlier alliances of two or more of the same companies, newest first: rows of `related_alliances`."""
    query = """
    SELECT * FROM related_alliances WHERE alliance_id = $id ORDER BY related_on DESC, related_id LIMIT $limit
    """
    return rows(con, query, {"id": alliance_id, "limit": limit})


def fitting_alliances(one: Wanted) -> tuple[list[str], Row]:
    """The conditions on a row of `alliances`, and what they need.

    `kind`, `status` and `min_confidence` have to fit one of its deals, the rest the alliance as a whole.
    """
    where, given = _period("alliances", one)
    if one.company:
        where.append(_names("alliances.parties"))
    if one.min_usd is not None:
        where.append("alliances.usd_max >= $min_usd::DOUBLE")
        given["min_usd"] = one.min_usd
    if one.confirmed:
        where.append("alliances.sources > 1")
    legs = _terms(one, given)
    if legs:
        where.append(f"alliances.alliance_id IN (SELECT alliance_id FROM deals WHERE {' AND '.join(legs)})")
    if words := words_of(one.text):
        told = contain("lower(concat_ws(' ', alliances.title, array_to_string(alliances.parties, ' ')))", words, given)
        where.append(f"""({told} OR alliances.alliance_id IN (
            SELECT alliance_id FROM deals WHERE deal_id IN ({_titled(words)})
        ))""")
    return where, given


def fitting_deals(one: Wanted) -> tuple[list[str], Row]:
    """The conditions on a row of `deals`, and what they need."""
    where, given = _period("deals", one)
    where += _terms(one, given)
    if one.confirmed:
        where.append("deals.sources > 1")
    if one.company:
        where.append(_names("deals.payers || deals.payees || deals.parties"))
    if one.min_usd is not None:
        where.append("coalesce(deals.usd_max, deals.usd_min) >= $min_usd::DOUBLE")
        given["min_usd"] = one.min_usd
    if words := words_of(one.text):
        told = contain(
            "lower(concat_ws(' ', replace(deals.kind, '_', ' '), "
            "array_to_string(deals.payers || deals.payees || deals.parties, ' ')))",
            words,
            given,
        )
        where.append(f"({told} OR deals.deal_id IN ({_titled(words)}))")
    return where, given


_TOTALS = {
    "usd_invested": ("investment", "joint_venture"),
    "usd_purchased": ("purchase", "licensing"),
    "usd_acquired": ("acquisition",),
    "usd_lent": ("financing",),
}
_SOURCES = f"""
SELECT alliance_id, count(DISTINCT site) AS sources, list_sort(list(DISTINCT site)) AS sites,
    min(first_seen_at) AS first_seen_at
FROM deals
JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
JOIN articles ON articles.article_id = deal_sources.article_id
WHERE alliance_id IN {AMONG_IDS}
GROUP BY alliance_id
"""
_INVOLVED = f"""
WITH claimed AS (
    SELECT alliance_id, deal_claims.article_id, start_char, end_char
    FROM deals
    JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
    JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
    WHERE alliance_id IN {AMONG_IDS}
), named AS (
    SELECT alliance_id, name, 'chip' AS what FROM claimed JOIN chip_mentions AS one
        ON one.article_id = claimed.article_id
        AND one.start_char >= claimed.start_char AND one.end_char <= claimed.end_char
    UNION ALL
    SELECT alliance_id, name, 'model' AS what FROM claimed JOIN model_mentions AS one
        ON one.article_id = claimed.article_id
        AND one.start_char >= claimed.start_char AND one.end_char <= claimed.end_char
)
SELECT alliance_id, list_sort(list(DISTINCT name) FILTER (what = 'chip')) AS chips,
    list_sort(list(DISTINCT name) FILTER (what = 'model')) AS models
FROM named GROUP BY alliance_id
"""
# The claim that `deal_overview` shows, of each article that tells of a deal.
_SPANS = f"""
SELECT deal_id, deal_sources.article_id, start_char, end_char
FROM deal_sources JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
WHERE deal_id IN {AMONG_IDS}
QUALIFY row_number() OVER (
    PARTITION BY deal_id, deal_sources.article_id ORDER BY coalesce(best, false) DESC, confidence DESC, claim_id
) = 1
"""


def _period(table: str, one: Wanted) -> tuple[list[str], Row]:
    where, given = [], dict[str, Any]()
    if one.since:
        where.append(f"{table}.announced_on >= $since")
        given["since"] = one.since
    if one.until:
        where.append(f"{table}.announced_on <= $until")
        given["until"] = one.until
    if one.company:
        given["company"] = one.company
    return where, given


def _terms(one: Wanted, given: Row) -> list[str]:
    """The conditions that one deal has to fit all of; what they need is added to `given`."""
    where = []
    if one.kind:
        where.append("deals.kind = $kind")
        given["kind"] = one.kind.value
    if one.status:
        where.append("deals.status = $status")
        given["status"] = one.status.value
    if one.min_confidence is not None:
        where.append("deals.confidence >= $min_confidence")
        given["min_confidence"] = one.min_confidence
    return where


def _names(companies: str) -> str:
    return f"list_contains(list_transform({companies}, lambda one: lower(one)), lower($company))"


def _titled(words: Sequence[str]) -> str:
    """The ids of the deals that an article tells of in whose title all words stand."""
    return f"""
    SELECT deal_sources.deal_id FROM deal_sources JOIN articles ON articles.article_id = deal_sources.article_id
    WHERE {" AND ".join(f"contains(lower(articles.title), $word{number})" for number in range(len(words)))}
    """


def _sum(deals: Sequence[Row], kinds: Sequence[str] | None = None) -> Decimal | None:
    """The known amounts in US dollars, upper, else lower bounds; None if none is known."""
    known = [
        usd
        for deal in deals
        if (kinds is None or deal["kind"] in kinds)
        and (usd := deal["usd_min"] if deal["usd_max"] is None else deal["usd_max"]) is not None
    ]
    return sum(known, Decimal()) if known else None
