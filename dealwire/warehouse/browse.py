"""What the page asks the warehouse: filtered lists with their sums, search, and the claims behind a deal.

Rows come back as dictionaries. Lists are cut into parts; each query touches the large tables for the shown part alone.
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from dealwire.warehouse import custom_mentions, listing, queries, rejected
from dealwire.warehouse.among import AMONG_IDS, texts
from dealwire.warehouse.keyset import contain, words_of
from dealwire.warehouse.listing import Wanted
from dealwire.warehouse.queries import rows

Row = dict[str, Any]

_WORDS_MOST = 8


def alliances(con: duckdb.DuckDBPyConnection, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Row]:
    """Rows of `alliances`, newest first, each with its `legs`: rows of `deals`, money first, largest first."""
    where, given = listing.fitting_alliances(wanted)
    return _with_legs(con, where, given | {"limit": limit, "offset": offset})


def figures(con: duckdb.DuckDBPyConnection, wanted: Wanted) -> Row:
    """Of the alliances that fit: how many, their deals, and the sums in US dollars by status. `sites` is of all."""
    where, given = listing.fitting_alliances(wanted)
    query = f"""
    WITH fitting AS MATERIALIZED (SELECT alliance_id FROM alliances {_where(where)})
    SELECT
        (SELECT count(*) FROM fitting) AS alliances,
        count(*) AS deals,
        sum(coalesce(usd_max, usd_min)) FILTER (status = 'announced') AS usd_announced,
        sum(coalesce(usd_max, usd_min)) FILTER (status = 'planned') AS usd_planned,
        (SELECT count(DISTINCT site) FROM articles) AS sites
    FROM deals WHERE alliance_id IN (FROM fitting)
    """
    return rows(con, query, given)[0]


def search_alliances(con: duckdb.DuckDBPyConnection, text: str, *, limit: int) -> list[Row]:
    """Alliances whose title or companies have all the words, newest first; rows as `alliances` gives them."""
    words, given = words_of(text)[:_WORDS_MOST], {"limit": limit, "offset": 0}
    if not words:
        return []
    there = contain("lower(concat_ws(' ', title, array_to_string(parties, ' ')))", words, given)
    return _with_legs(con, [there], given)


def search_articles(con: duckdb.DuckDBPyConnection, text: str, *, limit: int) -> list[Row]:
    """Articles whose title or text has all the words, those with all in the title first, then the newest.

    `passage` is what stands around the first word in the text, `place` where it begins there.
    """
    words, given = words_of(text)[:_WORDS_MOST], {"limit": limit}
    if not words:
        return []
    titled = contain("lower(coalesce(title, ''))", words, given)
    there = contain("lower(coalesce(text, title, ''))", words, given)
    query = f"""
    WITH found AS (
        SELECT article_id, {titled} AS titled FROM articles WHERE {there}
        ORDER BY titled DESC, coalesce(published_at, first_seen_at) DESC, article_id LIMIT $limit
    ), placed AS (
        SELECT articles.*, titled, greatest(1, strpos(lower(coalesce(text, '')), $word0) - 90) AS first_char
        FROM found JOIN articles ON articles.article_id = found.article_id
    )
    SELECT article_id, title, site, url, published_at, first_seen_at,
        substring(text, first_char, 280) AS passage, first_char - 1 AS place, length(text) AS length
    FROM placed ORDER BY titled DESC, coalesce(published_at, first_seen_at) DESC, article_id
    """
    return rows(con, query, given)


def alliance(con: duckdb.DuckDBPyConnection, alliance_id: str) -> Row | None:
    """The row of `alliance_overview`, with `legs` as rows of `deal_overview`; None if there is none."""
    found = rows(con, "SELECT * FROM alliance_overview WHERE list_contains([$id], alliance_id)", {"id": alliance_id})
    if not found:
        return None
    return found[0] | {"legs": queries.told_in(con, [alliance_id])[alliance_id]}


def history(con: duckdb.DuckDBPyConnection, deal_ids: Sequence[str]) -> list[Row]:
    """What was told of some deals when: status and day, the site and article that told it first; oldest first."""
    query = f"""
    SELECT deal_history.deal_id, deal_history.status, since, site, articles.article_id, articles.title
    FROM deal_history
    LEFT JOIN deal_sources
        ON deal_sources.claim_id = deal_history.claim_id AND deal_sources.deal_id = deal_history.deal_id
    LEFT JOIN articles ON articles.article_id = deal_sources.article_id
    WHERE deal_history.deal_id IN {AMONG_IDS}
    ORDER BY since, list_position(['planned', 'announced', 'ended'], deal_history.status), deal_history.deal_id
    """
    return rows(con, query, {"ids": texts(deal_ids)})


def claims(con: duckdb.DuckDBPyConnection, deal_id: str, *, around: int = 240) -> list[Row]:
    """The claims that a deal rests on, the best first, as `queries.evidence_of` gives them, with what stands around.

    `passage` is that part of the article; the evidence lies in it from `from_char` to `to_char`. `length`: of the text.
    """
    found = queries.evidence_of(con, deal_id)
    query = f"""
    SELECT record_id, substring(text, greatest(start_char - $around, 0) + 1, end_char - start_char + 2 * $around) AS
        passage, least(start_char, $around) AS from_char, length(text) AS length
    FROM deal_claims JOIN articles ON articles.article_id = deal_claims.article_id WHERE record_id IN {AMONG_IDS}
    """
    ids = [row["claim_id"] for row in found]
    beside = {row["record_id"]: row for row in rows(con, query, {"ids": texts(ids), "around": around})}
    return [
        row
        | beside[row["claim_id"]]
        | {"to_char": beside[row["claim_id"]]["from_char"] + row["end_char"] - row["start_char"]}
        for row in found
    ]


def earlier(con: duckdb.DuckDBPyConnection, deal_id: str) -> list[Row]:
    """Deals of one kind between the same companies that came before this one, with their `relation`; latest first."""
    query = """
    SELECT deals.*, relation FROM related_deals JOIN deals ON deals.deal_id = related_id
    WHERE related_deals.deal_id = $id ORDER BY announced_on DESC, related_id LIMIT 10
    """
    return rows(con, query, {"id": deal_id})


def articles(con: duckdb.DuckDBPyConnection, *, limit: int, offset: int = 0, site: str | None = None) -> list[Row]:
    """Articles without their text, newest first, with the number of deals that each tells of."""
    query = """
    WITH shown AS (
        SELECT article_id, published_at, first_seen_at, site, title, url, read_status FROM articles
        WHERE $site::VARCHAR IS NULL OR site = $site
        ORDER BY coalesce(published_at, first_seen_at) DESC, article_id LIMIT $limit OFFSET $offset
    ), told AS (
        SELECT article_id, count(DISTINCT deal_id) AS deals FROM deal_sources
        WHERE article_id IN (SELECT article_id FROM shown) GROUP BY article_id
    )
    SELECT shown.*, coalesce(told.deals, 0) AS deals FROM shown LEFT JOIN told ON told.article_id = shown.article_id
    ORDER BY coalesce(published_at, first_seen_at) DESC, shown.article_id
    """
    return rows(con, query, {"limit": limit, "offset": offset, "site": site})


def sites(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """The sites of the articles, by name, with the number of articles of each."""
    return rows(con, "SELECT site, count(*) AS articles FROM articles GROUP BY site ORDER BY site")


def claims_in(con: duckdb.DuckDBPyConnection, article_id: str) -> list[Row]:
    """The claims of an article in reading order, each with its `deal_id` (None: none) and whether it is `rejected`."""
    query = f"""
    SELECT deal_claims.*, deal_sources.deal_id, record_id IN {rejected.IDS} AS rejected
    FROM deal_claims LEFT JOIN deal_sources ON deal_sources.claim_id = record_id
    WHERE deal_claims.article_id = $id ORDER BY start_char, deal_claims.kind, record_id
    """
    return rows(con, query, {"id": article_id})


def spans(con: duckdb.DuckDBPyConnection, article_id: str) -> list[Row]:
    """What an article names, in reading order: `label`, `entity`, `start_char`, `end_char`.

    Records of extractors without a label are there under the extractor's name.
    """
    query = "SELECT label, entity, start_char, end_char FROM mentions WHERE article_id = $id"
    found = rows(con, query, {"id": article_id})
    for name, table in con.execute(
        "SELECT extractor, table_name FROM extractors WHERE label IS NULL ORDER BY extractor"
    ).fetchall():
        if custom_mentions.exists(con, table):
            beside = f'SELECT start_char, end_char FROM "{table}" WHERE article_id = $id'
            found += [{"label": name, "entity": None, **row} for row in rows(con, beside, {"id": article_id})]
    return sorted(found, key=lambda row: (row["start_char"], -row["end_char"], row["label"]))


def polls(con: duckdb.DuckDBPyConnection, *, limit: int = 20) -> list[Row]:
    """The last visits to feeds, latest first."""
    query = """
    SELECT polls.*, feeds.title FROM polls LEFT JOIN feeds ON feeds.feed_id = polls.feed_id
    ORDER BY polled_at DESC, polls.url LIMIT $limit
    """
    return rows(con, query, {"limit": limit})


def company_choices(con: duckdb.DuckDBPyConnection, *, limit: int = 300) -> list[str]:
    """Names of the companies in deals, those in most deals first."""
    query = """
    SELECT name FROM (SELECT unnest(parties) AS name FROM alliances)
    GROUP BY name ORDER BY count(*) DESC, name LIMIT ?
    """
    return [row[0] for row in con.execute(query, [limit]).fetchall()]


def _with_legs(con: duckdb.DuckDBPyConnection, where: Sequence[str], given: Row) -> list[Row]:
    query = f"""
    SELECT alliance_id, title, parties, announced_on, sources, usd_max FROM alliances {_where(where)}
    ORDER BY announced_on DESC, usd_max DESC NULLS LAST, alliance_id LIMIT $limit OFFSET $offset
    """
    found = rows(con, query, given)
    legs = listing.legs_of(con, [row["alliance_id"] for row in found])
    return [row | {"legs": legs[row["alliance_id"]]} for row in found]


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""
