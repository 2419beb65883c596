"""Lists of companies, articles and mentions that programs leaf through: filters in, one page of rows out."""

from datetime import date
from typing import Any

import duckdb

from dealwire.warehouse.among import AMONG_IDS, ONE_OF_IDS, listed, texts
from dealwire.warehouse.keyset import Key, Page, Position, contain, keys, only, page_of, words_of
from dealwire.warehouse.queries import Row, rows

_TOLD_AT = "coalesce(articles.published_at, articles.first_seen_at)"
_COMPANY_ORDER = (Key("lower(companies.name)", "VARCHAR"), Key("companies.company_id", "VARCHAR"))
_ARTICLE_ORDER = (Key(_TOLD_AT, "TIMESTAMPTZ", True), Key("articles.article_id", "VARCHAR"))
_MENTION_ORDER = (*_ARTICLE_ORDER, Key("start_char", "INTEGER"), Key("record_id", "VARCHAR"))


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
    if words := words_of(text):
        where.append(contain("lower(concat_ws(' ', name, array_to_string(aliases, ' ')))", words, given))
    if kind:
        where.append("companies.kind = $kind")
        given["kind"] = kind
    if known is not None:
        where.append("coalesce(known, false) = $known")
        given["known"] = known
    found, more = keys(con, "FROM companies", where, given, _COMPANY_ORDER, after, limit)
    return page_of(con, _COMPANIES, found, more, ("company_id",), (1,))


def company(con: duckdb.DuckDBPyConnection, company_id: str) -> Row | None:
    """The same of one company, with what it pays and is paid by year; None if no article names it.

    `paid_usd` and `received_usd` leave ended deals out, as well as sums that several companies share.
    """
    found = rows(con, _COMPANIES, {"ids": texts([company_id])})
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
    if words := words_of(text):
        told = contain("lower(title)", words, given)
        where.append(f"({told} OR {contain('lower(text)', words, given)})" if in_text else told)
    found, more = keys(con, "FROM articles", where, given, _ARTICLE_ORDER, after, limit)
    return page_of(con, f"SELECT {_ARTICLE_COLUMNS} {_ARTICLES}", found, more, ("article_id",), (1,))


def article(con: duckdb.DuckDBPyConnection, article_id: str) -> Row | None:
    """The same of one article, with its `text`; None if there is none."""
    found = rows(con, f"SELECT {_ARTICLE_COLUMNS}, text {_ARTICLES}", {"ids": texts([article_id])})
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
    source = f"""FROM (SELECT * FROM mentions WHERE {ONE_OF_IDS.format("article_id")}) AS mentions
    JOIN (SELECT article_id, first_seen_at, published_at FROM articles) AS articles USING (article_id)"""
    begin = None if after is None else after[: len(_ARTICLE_ORDER)]
    # As many articles as mentions are enough if each has one, so those of the others are not sorted. Nearly every
    # article has a mention of some sort; only if that was not so, those that have one are looked for.
    for some in ([*where], [*where, semi]) if not which else ([*where, semi],):
        near, rest = keys(con, "FROM articles", some, only(given, some), _ARTICLE_ORDER, begin, limit + 1, again=True)
        ids = [key[1] for key in near]
        asked = only(given, which) | {"ids": texts(ids)}
        found, more = keys(con, source, which, asked, _MENTION_ORDER, after, limit) if ids else ([], False)
        if more or not rest:
            break
    query = f"""
    SELECT * EXCLUDE (text) FROM mentions
    WHERE {ONE_OF_IDS.format("article_id")} AND list_contains({listed("$records")}, record_id)
    """
    told = f"SELECT article_id, text FROM articles WHERE {ONE_OF_IDS.format('article_id')}"
    ids = list({key[1] for key in found})
    if not found:
        return Page([], None)
    text_of = {row["article_id"]: row["text"] for row in rows(con, told, {"ids": texts(ids)})}
    shown = {}
    for row in rows(con, query, {"ids": texts(ids), "records": texts(key[3] for key in found)}):
        row["text"] = (text_of.get(row["article_id"]) or "")[row["start_char"] : row["end_char"]]
        shown[row["record_id"]] = row
    return Page([shown[key[3]] for key in found if key[3] in shown], found[-1] if more else None)


_ARTICLE_COLUMNS = """
    articles.article_id, url, site, feed_id, title, author, language, published_at, first_seen_at, read_status,
    withheld, revision, coalesce(companies, []) AS companies, coalesce(claims, 0) AS claims
"""
_ARTICLES = f"""
FROM (SELECT * FROM articles WHERE {ONE_OF_IDS.format("article_id")}) AS articles
LEFT JOIN (
    SELECT article_id, list(name ORDER BY times DESC, name) AS companies
    FROM (
        SELECT article_id, name, count(*) AS times FROM company_mentions
        WHERE article_id IN {AMONG_IDS} GROUP BY article_id, name
    )
    GROUP BY article_id
) AS named ON named.article_id = articles.article_id
LEFT JOIN (
    SELECT article_id, count(*) AS claims FROM deal_claims WHERE article_id IN {AMONG_IDS} GROUP BY article_id
) AS told ON told.article_id = articles.article_id
"""
_COMPANIES = f"""
WITH wanted AS (SELECT unnest({listed("$ids")}) AS company_id), named AS (
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
