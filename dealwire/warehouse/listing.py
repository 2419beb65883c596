"""Lists that pages and programs leaf through: filters in, one page of rows out, and where the next one begins.

A position is the sort key of the last row, not a number of rows: what is stored meanwhile neither shifts the pages that
follow nor shows a row twice.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb
from pydantic import Field

from dealwire.warehouse.queries import Row, rows
from schemas import DealKind, DealStatus
from schemas.base import Frozen
from schemas.errors import InvalidInput

Position = tuple[str, ...]
"""The sort key of a row, as texts that the database reads back."""


class Wanted(Frozen):
    """Which deals, and the alliances they belong to; None: any. `company` is a canonical name (`company_named`)."""

    company: str | None = None
    kind: DealKind | None = None
    status: DealStatus | None = None
    since: date | None = Field(None, description="First day to include.")
    until: date | None = Field(None, description="Last day to include.")
    min_usd: Decimal | None = Field(None, description="Least sum in US dollars; what has no known sum is left out.")
    min_confidence: float | None = None
    confirmed: bool = Field(False, description="Only what two sites or more tell of.")
    text: str | None = Field(None, description="Words that all stand in the names of its companies, or in one title.")


class Page(NamedTuple):
    """One page of a list. `after`: the position from which the next one goes on; None: there is no more."""

    rows: list[Row]
    after: Position | None


class _Key(NamedTuple):
    expression: str
    kind: str
    down: bool = False


_TOLD_AT = "coalesce(articles.published_at, articles.first_seen_at)"
_DEAL_ORDER = (
    _Key("deals.announced_on", "DATE", True),
    _Key("coalesce(deals.usd_max, deals.usd_min, -1)", "DECIMAL(38,2)", True),
    _Key("deals.deal_id", "VARCHAR"),
)
_ALLIANCE_ORDER = (
    _Key("alliances.announced_on", "DATE", True),
    _Key("coalesce(alliances.usd_max, -1)", "DECIMAL(38,2)", True),
    _Key("alliances.alliance_id", "VARCHAR"),
)
_FLOW_ORDER = (*_DEAL_ORDER, _Key("payer", "VARCHAR"), _Key("payee", "VARCHAR"))
_COMPANY_ORDER = (_Key("lower(companies.name)", "VARCHAR"), _Key("companies.company_id", "VARCHAR"))
_ARTICLE_ORDER = (_Key(_TOLD_AT, "TIMESTAMPTZ", True), _Key("articles.article_id", "VARCHAR"))
_MENTION_ORDER = (*_ARTICLE_ORDER, _Key("start_char", "INTEGER"), _Key("record_id", "VARCHAR"))


def alliances(
    con: duckdb.DuckDBPyConnection, wanted: Wanted | None = None, *, after: Position | None = None, limit: int = 20
) -> Page:
    """Alliances, newest first, then largest: what `alliance_overview` has of them, with `confidence`, `deals` as rows.

    `kind`, `status` and `min_confidence` have to fit one of its deals, the rest the alliance as a whole.
    """
    one = wanted or Wanted()
    where, given = _period("alliances", one)
    if one.company:
        where.append(_names("alliances.parties"))
    if one.min_usd is not None:
        where.append("alliances.usd_max >= $min_usd::DOUBLE")
        given["min_usd"] = float(one.min_usd)
    if one.confirmed:
        where.append("alliances.sources > 1")
    legs = _terms(one, given)
    if legs:
        where.append(f"alliances.alliance_id IN (SELECT alliance_id FROM deals WHERE {' AND '.join(legs)})")
    if words := _words(one.text):
        told = _contain("lower(concat_ws(' ', alliances.title, array_to_string(alliances.parties, ' ')))", words, given)
        where.append(f"""({told} OR alliances.alliance_id IN (
            SELECT alliance_id FROM deals WHERE deal_id IN ({_titled(words)})
        ))""")
    found, more = _keys(con, "FROM alliances", where, given, _ALLIANCE_ORDER, after, limit)
    return Page(alliances_of(con, [key[2] for key in found]), found[-1] if more else None)


def alliances_of(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[Row]:
    """The alliances of these ids, in that order, as `alliances` gives them; an id that is none is passed over.

    The view would be asked more shortly, but in three times the time.
    """
    if not ids:
        return []
    base = "SELECT * EXCLUDE (deals, sources) FROM alliances WHERE list_contains($ids, alliance_id)"
    found = {row["alliance_id"]: row for row in rows(con, base, {"ids": list(ids)})}
    legs: dict[str, list[Row]] = {one: [] for one in found}
    for row in rows(con, _LEGS, {"ids": list(found)}):
        legs[row["alliance_id"]].append(row)
    sources = {row["alliance_id"]: row for row in rows(con, _SOURCES, {"ids": list(found)})}
    involved = {row["alliance_id"]: row for row in rows(con, _INVOLVED, {"ids": list(found)})}
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


def deals(
    con: duckdb.DuckDBPyConnection, wanted: Wanted | None = None, *, after: Position | None = None, limit: int = 20
) -> Page:
    """Rows of `deal_overview`, newest first, then largest."""
    where, given = _of_deals(wanted or Wanted())
    found, more = _keys(con, "FROM deals", where, given, _DEAL_ORDER, after, limit)
    return Page(deals_of(con, [key[2] for key in found]), found[-1] if more else None)


def deals_of(con: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[Row]:
    """The rows of `deal_overview` of these ids, in that order; an id that is none is passed over."""
    if not ids:
        return []
    # The view alone would read the texts of all articles for the sentences of these.
    shown = "SELECT * EXCLUDE (evidence) FROM deal_overview WHERE list_contains($ids, deal_id)"
    found = {row["deal_id"]: row for row in rows(con, shown, {"ids": list(ids)})}
    spans = {(row["deal_id"], row["article_id"]): row for row in rows(con, _SPANS, {"ids": list(found)})}
    texts = "SELECT article_id, text FROM articles WHERE list_contains($ids, article_id)"
    best = list({row["best_article_id"] for row in found.values()} - {None})
    text_of = {row["article_id"]: row["text"] for row in rows(con, texts, {"ids": best})} if best else {}
    for row in found.values():
        span, text = spans.get((row["deal_id"], row["best_article_id"])), text_of.get(row["best_article_id"])
        row["evidence"] = text[span["start_char"] : span["end_char"]] if span and text is not None else None
    return [found[one] for one in ids if one in found]


def flows(
    con: duckdb.DuckDBPyConnection, wanted: Wanted | None = None, *, after: Position | None = None, limit: int = 20
) -> Page:
    """Rows of `money_flows`, newest first, then largest. A company that is wanted pays or is paid in each."""
    one = wanted or Wanted()
    where, given = _of_deals(one)
    where.append("kind NOT IN ('partnership', 'joint_venture')")
    sides = """FROM (
        SELECT *, unnest(payees) AS payee FROM (SELECT *, unnest(payers) AS payer FROM deals)
    ) AS deals"""
    if one.company:
        where.append("lower($company) IN (lower(payer), lower(payee))")
    found, more = _keys(con, sides, where, given, _FLOW_ORDER, after, limit)
    query = "SELECT * FROM money_flows WHERE list_contains($ids, deal_id)"
    return _page(con, query, found, more, ("deal_id", "payer", "payee"), (2, 3, 4))


def related(con: duckdb.DuckDBPyConnection, alliance_id: str, *, limit: int = 20) -> list[Row]:
    """Earlier alliances of two or more of the same companies, newest first: rows of `related_alliances`."""
    query = """
    SELECT * FROM related_alliances WHERE alliance_id = $id ORDER BY related_on DESC, related_id LIMIT $limit
    """
    return rows(con, query, {"id": alliance_id, "limit": limit})


def companies(
    con: duckdb.DuckDBPyConnection,
    *,
    text: str | None = None,
    kind: str | None = None,
    known: bool | None = None,
    after: Position | None = None,
    limit: int = 20,
) -> Page:
    """Companies that articles name, by name, with counts of mentions, articles and deals.

    `text`: words of the name or of an alias. `known`: those of the catalogue, or those that are not in it.
    """
    where, given = ["companies.company_id IN (SELECT company_id FROM company_mentions)"], dict[str, Any]()
    if words := _words(text):
        where.append(_contain("lower(concat_ws(' ', name, array_to_string(aliases, ' ')))", words, given))
    if kind:
        where.append("companies.kind = $kind")
        given["kind"] = kind
    if known is not None:
        where.append("coalesce(known, false) = $known")
        given["known"] = known
    found, more = _keys(con, "FROM companies", where, given, _COMPANY_ORDER, after, limit)
    return _page(con, _COMPANIES, found, more, ("company_id",), (1,))


def company(con: duckdb.DuckDBPyConnection, company_id: str) -> Row | None:
    """The same of one company, with what it pays and is paid by year; None if no article names it.

    `paid_usd` and `received_usd` leave ended deals out, as well as sums that several companies share.
    """
    found = rows(con, _COMPANIES, {"ids": [company_id]})
    if not found or not found[0]["mentions"]:
        return None
    name = found[0]["name"]
    query = """
    SELECT
        sum(coalesce(usd_max, usd_min)) FILTER (payer = $name) AS paid_usd,
        sum(coalesce(usd_max, usd_min)) FILTER (payee = $name) AS received_usd
    FROM money_flows WHERE status <> 'ended' AND $name IN (payer, payee)
    """
    partners = """
    WITH told AS (
        SELECT deal_id, coalesce(usd_max, usd_min) AS usd, payers || payees || parties AS names FROM deals
    )
    SELECT partner AS name, count(DISTINCT deal_id) AS deals
    FROM (SELECT deal_id, unnest(names) AS partner FROM told WHERE list_contains(names, $name))
    WHERE partner <> $name GROUP BY partner ORDER BY deals DESC, partner LIMIT 50
    """
    return {**found[0], **rows(con, query, {"name": name})[0], "partners": rows(con, partners, {"name": name})}


def articles(
    con: duckdb.DuckDBPyConnection,
    *,
    company: str | None = None,
    label: str | None = None,
    site: str | None = None,
    since: date | None = None,
    until: date | None = None,
    text: str | None = None,
    in_text: bool = False,
    after: Position | None = None,
    limit: int = 20,
) -> Page:
    """Articles without their text, newest first, with the `companies` that they name and the number of their `claims`.

    `company`: one that they name, canonical. `label`: something of it stands in them (`CHIP`). `text`: words of the
    title; `in_text`: or of the text, which takes longer.
    """
    where, given = _of_articles(since, until)
    if company:
        where.append("article_id IN (SELECT article_id FROM company_mentions WHERE lower(name) = lower($company))")
        given["company"] = company
    if label:
        where.append("article_id IN (SELECT article_id FROM mentions WHERE label = $label)")
        given["label"] = label
    if site:
        where.append("site = lower($site)")
        given["site"] = site
    if words := _words(text):
        told = _contain("lower(title)", words, given)
        where.append(f"({told} OR {_contain('lower(text)', words, given)})" if in_text else told)
    found, more = _keys(con, "FROM articles", where, given, _ARTICLE_ORDER, after, limit)
    return _page(con, f"SELECT {_ARTICLE_COLUMNS} {_ARTICLES}", found, more, ("article_id",), (1,))


def article(con: duckdb.DuckDBPyConnection, article_id: str) -> Row | None:
    """The same of one article, with its `text`; None if there is none."""
    found = rows(con, f"SELECT {_ARTICLE_COLUMNS}, text {_ARTICLES}", {"ids": [article_id]})
    return found[0] if found else None


def mentions(
    con: duckdb.DuckDBPyConnection,
    *,
    article_id: str | None = None,
    label: str | None = None,
    entity: str | None = None,
    since: date | None = None,
    until: date | None = None,
    after: Position | None = None,
    limit: int = 20,
) -> Page:
    """Rows of `mentions`: of the newest articles first, within an article in reading order.

    `entity`: canonical name or id of a company, chip or model.
    """
    where, given = _of_articles(since, until)
    if article_id:
        where.append("articles.article_id = $article")
        given["article"] = article_id
    which = []
    if label:
        which.append("label = $label")
        given["label"] = label
    if entity:
        which.append("(lower(entity) = lower($entity) OR entity_id = lower($entity))")
        given["entity"] = entity
    chosen = f"WHERE {' AND '.join(which)}" if which else ""
    semi = f"articles.article_id IN (SELECT article_id FROM mentions {chosen})"
    source = """FROM (SELECT * FROM mentions WHERE list_contains($ids, article_id)) AS mentions
    JOIN (SELECT article_id, first_seen_at, published_at FROM articles) AS articles USING (article_id)"""
    begin = None if after is None else after[: len(_ARTICLE_ORDER)]
    # As many articles as mentions are enough if each has one, so those of the others are not sorted. Nearly every
    # article has a mention of some sort; only if that was not so, those that have one are looked for.
    for some in ([*where], [*where, semi]) if not which else ([*where, semi],):
        near, rest = _keys(con, "FROM articles", some, _only(given, some), _ARTICLE_ORDER, begin, limit + 1, again=True)
        ids = [key[1] for key in near]
        asked = _only(given, which) | {"ids": ids}
        found, more = _keys(con, source, which, asked, _MENTION_ORDER, after, limit) if ids else ([], False)
        if more or not rest:
            break
    query = """
    SELECT * EXCLUDE (text) FROM mentions WHERE list_contains($ids, article_id) AND list_contains($records, record_id)
    """
    texts = "SELECT article_id, text FROM articles WHERE list_contains($ids, article_id)"
    ids = list({key[1] for key in found})
    if not found:
        return Page([], None)
    text_of = {row["article_id"]: row["text"] for row in rows(con, texts, {"ids": ids})}
    shown = {}
    for row in rows(con, query, {"ids": ids, "records": [key[3] for key in found]}):
        row["text"] = (text_of.get(row["article_id"]) or "")[row["start_char"] : row["end_char"]]
        shown[row["record_id"]] = row
    return Page([shown[key[3]] for key in found if key[3] in shown], found[-1] if more else None)


_TOTALS = {
    "usd_invested": ("investment", "joint_venture"),
    "usd_purchased": ("purchase", "licensing"),
    "usd_acquired": ("acquisition",),
    "usd_lent": ("financing",),
}
_LEGS = """
SELECT * FROM deals WHERE list_contains($ids, alliance_id)
ORDER BY kind IN ('partnership', 'joint_venture'), coalesce(usd_max, usd_min) DESC NULLS LAST, kind, deal_id
"""
_SOURCES = """
SELECT alliance_id, count(DISTINCT site) AS sources, list_sort(list(DISTINCT site)) AS sites,
    min(first_seen_at) AS first_seen_at
FROM deals
JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
JOIN articles ON articles.article_id = deal_sources.article_id
WHERE list_contains($ids, alliance_id)
GROUP BY alliance_id
"""
_INVOLVED = """
WITH claimed AS (
    SELECT alliance_id, deal_claims.article_id, start_char, end_char
    FROM deals
    JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
    JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
    WHERE list_contains($ids, alliance_id)
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
_SPANS = """
SELECT deal_id, deal_sources.article_id, start_char, end_char
FROM deal_sources JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
WHERE list_contains($ids, deal_id)
QUALIFY row_number() OVER (
    PARTITION BY deal_id, deal_sources.article_id ORDER BY coalesce(best, false) DESC, confidence DESC, claim_id
) = 1
"""
_ARTICLE_COLUMNS = """
    articles.article_id, url, site, feed_id, title, author, language, published_at, first_seen_at, read_status,
    withheld, revision, coalesce(companies, []) AS companies, coalesce(claims, 0) AS claims
"""
_ARTICLES = """
FROM (SELECT * FROM articles WHERE list_contains($ids, article_id)) AS articles
LEFT JOIN (
    SELECT article_id, list(name ORDER BY times DESC, name) AS companies
    FROM (
        SELECT article_id, name, count(*) AS times FROM company_mentions
        WHERE list_contains($ids, article_id) GROUP BY article_id, name
    )
    GROUP BY article_id
) AS named ON named.article_id = articles.article_id
LEFT JOIN (
    SELECT article_id, count(*) AS claims FROM deal_claims WHERE list_contains($ids, article_id) GROUP BY article_id
) AS told ON told.article_id = articles.article_id
"""
_COMPANIES = """
WITH wanted AS (SELECT unnest($ids) AS company_id), named AS (
    SELECT company_id, count(*) AS mentions, count(DISTINCT article_id) AS articles
    FROM company_mentions JOIN wanted USING (company_id) GROUP BY company_id
), dealing AS (
    SELECT lower(name) AS name, count(DISTINCT deal_id) AS deals
    FROM (SELECT unnest(payers || payees || parties) AS name, deal_id FROM deals) GROUP BY ALL
)
SELECT company_id, companies.name, kind, country, ticker, parent, wikidata, coalesce(aliases, []) AS aliases,
    coalesce(known, false) AS known, first_seen, last_seen, coalesce(mentions, 0) AS mentions,
    coalesce(articles, 0) AS articles, coalesce(deals, 0) AS deals
FROM companies
JOIN wanted USING (company_id)
LEFT JOIN named USING (company_id)
LEFT JOIN dealing ON dealing.name = lower(companies.name)
"""


def _of_deals(one: Wanted) -> tuple[list[str], Row]:
    """The conditions on a row of `deals`, and what they need."""
    where, given = _period("deals", one)
    where += _terms(one, given)
    if one.confirmed:
        where.append("deals.sources > 1")
    if one.company:
        where.append(_names("deals.payers || deals.payees || deals.parties"))
    if one.min_usd is not None:
        where.append("coalesce(deals.usd_max, deals.usd_min) >= $min_usd::DOUBLE")
        given["min_usd"] = float(one.min_usd)
    if words := _words(one.text):
        told = _contain(
            "lower(concat_ws(' ', replace(deals.kind, '_', ' '), "
            "array_to_string(deals.payers || deals.payees || deals.parties, ' ')))",
            words,
            given,
        )
        where.append(f"({told} OR deals.deal_id IN ({_titled(words)}))")
    return where, given


def _of_articles(since: date | None, until: date | None) -> tuple[list[str], Row]:
    where, given = [], dict[str, Any]()
    if since:
        where.append(f"{_TOLD_AT} >= $since::DATE")
        given["since"] = since
    if until:
        # A comparison with days would convert every row.
        where.append(f"{_TOLD_AT} < $until::DATE + INTERVAL 1 DAY")
        given["until"] = until
    return where, given


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


def _words(text: str | None) -> list[str]:
    """The words to look for; ten are enough for anybody."""
    return (text or "").lower().split()[:10]


def _contain(told: str, words: Sequence[str], given: Row) -> str:
    """Whether a text holds all words; they are added to `given`."""
    given.update({f"word{number}": word for number, word in enumerate(words)})
    return f"({' AND '.join(f'contains({told}, $word{number})' for number in range(len(words)))})"


def _titled(words: Sequence[str]) -> str:
    """The ids of the deals that an article tells of in whose title all words stand."""
    return f"""
    SELECT deal_sources.deal_id FROM deal_sources JOIN articles ON articles.article_id = deal_sources.article_id
    WHERE {" AND ".join(f"contains(lower(articles.title), $word{number})" for number in range(len(words)))}
    """


def _keys(
    con: duckdb.DuckDBPyConnection,
    source: str,
    where: Sequence[str],
    given: Row,
    order: Sequence[_Key],
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


def _behind(order: Sequence[_Key], *, again: bool) -> str:
    """Whether a row comes after the position that is given as `$after0`, `$after1` …"""
    cases = []
    for number, key in enumerate(order):
        same = [f"{one.expression} = $after{n}::{one.kind}" for n, one in enumerate(order[:number])]
        cases.append(" AND ".join([*same, f"{key.expression} {'<' if key.down else '>'} $after{number}::{key.kind}"]))
    if again:
        cases.append(" AND ".join(f"{one.expression} = $after{n}::{one.kind}" for n, one in enumerate(order)))
    return f"({' OR '.join(f'({case})' for case in cases)})"


def _page(
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
    shown = {tuple(row[name] for name in columns): row for row in rows(con, query, {"ids": ids})}
    wanted = (tuple(key[place] for place in places) for key in found)
    return Page([shown[one] for one in wanted if one in shown], found[-1] if more else None)


def _sum(deals: Sequence[Row], kinds: Sequence[str] | None = None) -> Decimal | None:
    """The known amounts in US dollars, upper, else lower bounds; None if none is known."""
    known = [
        usd
        for deal in deals
        if (kinds is None or deal["kind"] in kinds)
        and (usd := deal["usd_min"] if deal["usd_max"] is None else deal["usd_max"]) is not None
    ]
    return sum(known, Decimal()) if known else None


def _only(given: Row, which: Sequence[str]) -> Row:
    """Those parameters that the conditions name: the database refuses others."""
    return {name: value for name, value in given.items() if any(f"${name}" in one for one in which)}


_NO_CURSOR = "the cursor is none of this list's; begin without one"
