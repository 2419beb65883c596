"""What the charts ask the warehouse: deals to draw, loops of money, companies and their profiles."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import duckdb

from dealwire.warehouse import listing, migrate
from dealwire.warehouse.among import AMONG_IDS, texts
from dealwire.warehouse.listing import Wanted
from dealwire.warehouse.queries import rows

Row = dict[str, Any]

_USD = "coalesce(usd_max, usd_min)::DOUBLE"
_TOLD_ON = "coalesce(least(published_at, first_seen_at), first_seen_at)"


class Drawn(NamedTuple):
    """Deals of the map. `companies` are those with most money, then most deals; every deal is one of theirs.

    `rows` hold `deal_id`, `alliance_id`, `kind`, `status`, `payers`, `payees`, `parties`, `usd` (upper, else lower
    bound in US dollars) and `announced_on`, oldest first. So many `deals` and companies (`of`) fit in all.
    """

    rows: list[Row]
    companies: list[str]
    deals: int
    of: int


def drawn(con: duckdb.DuckDBPyConnection, wanted: Wanted, *, most: int = 60) -> Drawn:
    """The deals of the `most` companies with most money, among the deals that are asked for, each taken by itself.

    Ended deals only if that status is asked for. A sum that several companies share counts for the one that stands
    alone on its side.
    """
    where, given = listing.fitting_deals(wanted)
    if wanted.status is None:
        where.append("deals.status <> 'ended'")
    fitting = f"""
    SELECT deal_id, alliance_id, kind, status, payers, payees, parties, {_USD} AS usd, announced_on
    FROM deals WHERE {" AND ".join(where)}
    """
    ranking = f"""
    WITH fitting AS MATERIALIZED ({fitting}), sides AS (
        SELECT unnest(payers) AS name, deal_id, if(len(payers) = 1, usd, NULL) AS usd FROM fitting
        UNION ALL
        SELECT unnest(payees), deal_id, if(len(payees) = 1, usd, NULL) FROM fitting
        UNION ALL
        SELECT unnest(parties), deal_id, NULL FROM fitting
    )
    SELECT name, (SELECT count(*) FROM fitting), count(*) OVER () FROM sides GROUP BY name
    ORDER BY coalesce(sum(usd), 0) DESC, count(DISTINCT deal_id) DESC, name LIMIT $most
    """
    ranked = con.execute(ranking, given | {"most": most}).fetchall()
    if not ranked:
        return Drawn([], [], 0, 0)
    names = [row[0] for row in ranked]
    query = f"""
    SELECT * FROM ({fitting}) WHERE list_has_any(payers || payees || parties, $names) ORDER BY announced_on, deal_id
    """
    return Drawn(rows(con, query, given | {"names": names}), names, ranked[0][1], ranked[0][2])


def told(con: duckdb.DuckDBPyConnection, deal_ids: Sequence[str]) -> list[Row]:
    """These deals with the sentence that tells each best and its article, newest first. Ids that are gone are left out.

    `start_char` and `end_char` are the sentence's place in `articles.text`; all of the article is null if it is gone.
    """
    if not deal_ids:
        return []
    best = f"""
    SELECT deal_id, arg_min(claim_id, (NOT coalesce(best, false), claim_id)),
        arg_min(article_id, (NOT coalesce(best, false), claim_id))
    FROM deal_sources WHERE deal_id IN {AMONG_IDS} GROUP BY deal_id
    """
    # With the ids at hand the database does not read the texts of all articles; with a join it does.
    chosen = con.execute(best, {"ids": texts(deal_ids)}).fetchall()
    query = f"""
    SELECT deals.*, quoted.article_id, title, site, url, start_char, end_char,
        substring(text, start_char + 1, end_char - start_char) AS evidence
    FROM (SELECT * FROM deals WHERE deal_id IN {AMONG_IDS}) AS deals
    LEFT JOIN (
        SELECT unnest($chosen_deals::VARCHAR[]) AS deal_id, unnest($claims::VARCHAR[]) AS claim_id,
            unnest($articles::VARCHAR[]) AS article_id
    ) AS chosen ON chosen.deal_id = deals.deal_id
    LEFT JOIN (
        SELECT record_id, start_char, end_char FROM deal_claims WHERE list_contains($claims, record_id)
    ) AS claims ON claims.record_id = chosen.claim_id
    LEFT JOIN (
        SELECT article_id, title, site, url, text FROM articles WHERE list_contains($articles, article_id)
    ) AS quoted ON quoted.article_id = chosen.article_id
    ORDER BY announced_on DESC, deals.deal_id
    """
    given = {
        "ids": texts(deal_ids),
        "chosen_deals": [row[0] for row in chosen],
        "claims": [row[1] for row in chosen],
        "articles": [row[2] for row in chosen],
    }
    return rows(con, query, given)


def deals_of(con: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    """The deals of a company, newest first, ended ones too: as `drawn`, and with their amounts as stated."""
    query = f"""
    SELECT deals.*, {_USD} AS usd FROM deals WHERE list_contains(payers || payees || parties, $name)
    ORDER BY announced_on DESC, deal_id
    """
    return rows(con, query, {"name": name})


def company_kinds(con: duckdb.DuckDBPyConnection, names: Collection[str]) -> dict[str, str | None]:
    """What companies do, in the catalogue's words; None where it does not say."""
    query = "SELECT name, min(kind) FROM companies WHERE list_contains($names, name) GROUP BY name"
    return dict(con.execute(query, {"names": list(names)}).fetchall()) if names else {}


def circles_among(con: duckdb.DuckDBPyConnection, names: Collection[str], *, most_flows: int = 200) -> list[Row]:
    """Rows of `circular_flows` that run among these companies alone, highest score first.

    Every way round would be looked for, and in a large archive there are millions: so only the `most_flows` pairs of
    payer and payee with the largest sums are looked at. Up to that number this is what the view says of them.
    """
    if len(names) < 2:
        return []
    (view,) = [one for one in migrate.views() if one.name == "circular_flows"]
    beginning = "WITH "
    text = view.text[view.text.index(beginning) + len(beginning) :].rstrip().rstrip(";")
    # The view's own words, on fewer flows: a name given here goes before that of a view.
    query = f"""
    WITH among AS MATERIALIZED (
        SELECT * FROM main.money_flows
        WHERE status <> 'ended' AND list_contains($names, payer) AND list_contains($names, payee) AND payer <> payee
    ), money_flows AS (
        SELECT * FROM among
        WHERE (payer, payee) IN (
            SELECT (payer, payee) FROM among GROUP BY payer, payee
            ORDER BY sum(coalesce(usd_max, usd_min)) DESC NULLS LAST, payer, payee LIMIT $most
        )
    ), {text}
    ORDER BY score DESC, companies
    """
    return rows(con, query, {"names": list(names), "most": most_flows})


def companies(
    con: duckdb.DuckDBPyConnection,
    *,
    search: str | None = None,
    kind: str | None = None,
    country: str | None = None,
    by: str = "money",
    limit: int = 50,
    offset: int = 0,
) -> list[Row]:
    """Companies that articles or deals name, with what they pay and get; `found` on each row is how many there are.

    `search` is part of a name or alias; `by` is `money`, `deals`, `mentions` or `name`. Sums in US dollars; a sum that
    several companies share counts for the one that stands alone on its side. Ended deals are left out.
    """
    order = {
        "money": "coalesce(usd_in, 0) + coalesce(usd_out, 0) DESC, deals DESC, mentions DESC",
        "deals": "deals DESC, mentions DESC",
        "mentions": "mentions DESC",
        "name": "lower(companies.name)",
    }[by]
    query = f"""
    WITH named AS (
        SELECT company_id, count(*) AS mentions, count(DISTINCT article_id) AS articles
        FROM company_mentions GROUP BY company_id
    ), shown AS (
        SELECT deal_id, payers, payees, parties, {_USD} AS usd, announced_on FROM deals WHERE status <> 'ended'
    ), sides AS (
        SELECT deal_id, announced_on, unnest(payers) AS name, NULL AS usd_in,
            CASE WHEN len(payers) = 1 THEN usd END AS usd_out FROM shown
        UNION ALL
        SELECT deal_id, announced_on, unnest(payees), CASE WHEN len(payees) = 1 THEN usd END, NULL FROM shown
        UNION ALL
        SELECT deal_id, announced_on, unnest(parties), NULL, NULL FROM shown
    ), dealing AS (
        SELECT name, count(DISTINCT deal_id) AS deals, sum(usd_in) AS usd_in, sum(usd_out) AS usd_out,
            max(announced_on) AS last_deal_on
        FROM sides GROUP BY name
    )
    SELECT companies.company_id, companies.name, kind, country, ticker, parent, known, coalesce(deals, 0) AS deals,
        usd_in, usd_out, last_deal_on, coalesce(mentions, 0) AS mentions, coalesce(articles, 0) AS articles,
        count(*) OVER () AS found
    FROM companies
    LEFT JOIN named ON named.company_id = companies.company_id
    LEFT JOIN dealing ON dealing.name = companies.name
    WHERE (mentions > 0 OR deals > 0)
        AND ($kind::VARCHAR IS NULL OR kind = $kind)
        AND ($country::VARCHAR IS NULL OR country = $country)
        AND (
            $search::VARCHAR IS NULL
            OR contains(lower(companies.name), lower($search))
            OR len(list_filter(aliases, lambda a: contains(lower(a), lower($search)))) > 0
        )
    ORDER BY {order}, companies.name LIMIT $limit OFFSET $offset
    """
    given = {"search": search, "kind": kind, "country": country, "limit": limit, "offset": offset}
    return rows(con, query, given)


def kinds_named(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The kinds of the companies that articles name, in alphabetical order."""
    query = """
    SELECT DISTINCT kind FROM companies
    WHERE kind IS NOT NULL AND company_id IN (SELECT company_id FROM company_mentions) ORDER BY kind
    """
    return [row[0] for row in con.execute(query).fetchall()]


def company(con: duckdb.DuckDBPyConnection, name: str) -> Row | None:
    """What is known of the company with this name, id or alias, case aside; None if there is none.

    Beside the row of `companies`: `daughters`, how often it is named (`mentions`, `articles`), and `parent_known`,
    whether its parent is in the warehouse.
    """
    query = """
    SELECT companies.*,
        (
            SELECT coalesce(list(daughter.name ORDER BY daughter.name), []) FROM companies AS daughter
            WHERE daughter.parent = companies.name
        ) AS daughters,
        (SELECT count(*) FROM company_mentions AS named WHERE named.company_id = companies.company_id) AS mentions,
        (
            SELECT count(DISTINCT article_id) FROM company_mentions AS named
            WHERE named.company_id = companies.company_id
        ) AS articles,
        EXISTS (SELECT 1 FROM companies AS owner WHERE owner.name = companies.parent) AS parent_known
    FROM companies
    WHERE companies.company_id = (
        SELECT company_id FROM companies
        WHERE lower(name) = lower($name) OR company_id = lower($name)
            OR list_contains(list_transform(aliases, lambda a: lower(a)), lower($name))
        ORDER BY name = $name DESC, lower(name) = lower($name) DESC, company_id = lower($name) DESC, name LIMIT 1
    )
    """
    found = rows(con, query, {"name": name})
    return found[0] if found else None


def products_of(con: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    """Chips and models that a company is named with, most deals first.

    Those that it makes itself (`own`), and those that the sentence of one of its deals names. `what` is `chip` or
    `model`; `deals` counts the deals, `articles` all articles that name it.
    """
    query = """
    WITH sentences AS (
        SELECT deals.deal_id, deal_claims.article_id, deal_claims.start_char, deal_claims.end_char
        FROM deals
        JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
        JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
        WHERE list_contains(deals.payers || deals.payees || deals.parties, $name)
    ), named AS (
        SELECT 'chip' AS what, name, vendor AS maker, article_id, start_char, end_char FROM chip_mentions
        UNION ALL
        SELECT 'model', name, developer, article_id, start_char, end_char FROM model_mentions
    ), in_deals AS (
        SELECT what, named.name, count(DISTINCT deal_id) AS deals
        FROM sentences JOIN named
            ON named.article_id = sentences.article_id
            AND named.start_char >= sentences.start_char AND named.end_char <= sentences.end_char
        GROUP BY what, named.name
    )
    SELECT named.what, named.name, min(maker) AS maker, coalesce(min(maker) = $name, false) AS own,
        coalesce(min(in_deals.deals), 0) AS deals, count(DISTINCT article_id) AS articles
    FROM named LEFT JOIN in_deals ON in_deals.what = named.what AND in_deals.name = named.name
    WHERE maker = $name OR in_deals.deals > 0
    GROUP BY named.what, named.name
    ORDER BY deals DESC, articles DESC, named.name
    """
    return rows(con, query, {"name": name})


def articles_naming(con: duckdb.DuckDBPyConnection, company_id: str, *, limit: int = 20) -> list[Row]:
    """The newest articles that name a company, with how often; `found` on each row is how many there are."""
    query = f"""
    SELECT articles.article_id, title, site, url, {_TOLD_ON} AS told_at, named.mentions, count(*) OVER () AS found
    FROM articles JOIN (
        SELECT article_id, count(*) AS mentions FROM company_mentions WHERE company_id = $id GROUP BY article_id
    ) AS named ON named.article_id = articles.article_id
    ORDER BY told_at DESC, articles.article_id LIMIT $limit
    """
    return rows(con, query, {"id": company_id, "limit": limit})
