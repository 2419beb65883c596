"""What becomes of chips and models: who buys which, where they are offered, how often articles name them."""

from datetime import date
from typing import Any

import duckdb

from dealwire.warehouse.queries import rows

Row = dict[str, Any]

_TOLD_ON = "coalesce(least(published_at, first_seen_at), first_seen_at)"
# Ends a sentence, or a paragraph.
_STOP = r"[.!?][\"”’'')]*\s|\n"
_OFFERS = (
    r"(?i)\b(offer\w*|availab\w+|access|host(s|ed|ing)?|serv(e|es|ed|ing)|provid\w+|deploy\w*|integrat\w+|"
    r"support(s|ed|ing)?|add(s|ed|ing)?|bring(s|ing)?|get(s)?|sell(s|ing)?|sold|launch\w*|includ\w+|"
    r"roll(s|ed|ing)? out|run(s|ning)?|customers|subscribers|users)\b"
)
_WHERE = r"(?i)\b(on|in|into|through|via|across|to|inside|within|by|with)\b"
_NEAR = 240


def chips_bought(con: duckdb.DuckDBPyConnection, *, limit: int = 300) -> list[Row]:
    """Which companies buy which chips, a row a buyer and chip, most deals first.

    A company buys a chip if it pays in a deal of the kind purchase that has not ended, and the sentence of one of the
    claims that the deal rests on names the chip. `direct`: its maker is paid in one of them; else it comes `through`
    the companies that are paid, such as a cloud that runs it. `deal_id` is the newest of the deals.
    """
    query = """
    WITH bought AS (
        SELECT DISTINCT deals.deal_id, deals.payers, deals.payees, deals.announced_on, chip_mentions.name AS chip,
            chip_mentions.vendor AS maker
        FROM deals
        JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
        JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
        JOIN chip_mentions
            ON chip_mentions.article_id = deal_claims.article_id
            AND chip_mentions.start_char >= deal_claims.start_char
            AND chip_mentions.end_char <= deal_claims.end_char
        WHERE deals.kind = 'purchase' AND deals.status <> 'ended'
    ), sided AS (
        SELECT *, unnest(payers) AS buyer FROM bought
    )
    SELECT buyer, chip, min(maker) AS maker, count(DISTINCT deal_id) AS deals,
        bool_or(coalesce(list_contains(payees, maker), false)) AS direct,
        list_sort(
            list_filter(list_distinct(flatten(list(payees))), lambda p: p IS DISTINCT FROM min(maker))
        ) AS through,
        min(announced_on) AS first_on, max(announced_on) AS last_on,
        arg_max(deal_id, (announced_on, deal_id)) AS deal_id
    FROM sided
    WHERE buyer IS DISTINCT FROM maker
    GROUP BY buyer, chip
    ORDER BY deals DESC, buyer, chip LIMIT $limit
    """
    return rows(con, query, {"limit": limit})


def models_named(con: duckdb.DuckDBPyConnection, *, limit: int = 200) -> list[Row]:
    """The models that articles name, with developer and family; those in most articles first."""
    query = f"""
    SELECT named.name AS model, min(developer) AS developer, min(family) AS family,
        count(DISTINCT named.article_id) AS articles, min({_TOLD_ON})::DATE AS first_on,
        max({_TOLD_ON})::DATE AS last_on
    FROM model_mentions AS named JOIN articles ON articles.article_id = named.article_id
    GROUP BY named.name ORDER BY articles DESC, model LIMIT $limit
    """
    return rows(con, query, {"limit": limit})


def models_offered(con: duckdb.DuckDBPyConnection, *, newest: int = 2_000, limit: int = 200) -> list[Row]:
    """Where models are offered, as sentences say: a row a model and company, with the newest such sentence.

    A sentence says so if it names the model and another company than its developer within 240 characters, speaks of
    offering (available, offers, hosts, customers get, runs, …), and has the company after the model with a word of
    place between (on, in, through, via, …), or before it with the word of offering between. It is a reading of words:
    look at the sentence. Of the articles that name a model the `newest` are read.
    """
    query = f"""
    WITH recent AS (
        SELECT article_id, {_TOLD_ON} AS told_at FROM articles
        WHERE article_id IN (SELECT article_id FROM model_mentions) ORDER BY told_at DESC, article_id LIMIT $newest
    ), pairs AS (
        SELECT model.name AS model, model.developer, place.name AS company, model.article_id, recent.told_at,
            model.start_char < place.start_char AS model_first,
            least(model.start_char, place.start_char) AS first_char,
            greatest(model.end_char, place.end_char) AS last_char,
            least(model.end_char, place.end_char) AS gap_start,
            greatest(model.start_char, place.start_char) AS gap_end
        FROM model_mentions AS model
        JOIN company_mentions AS place
            ON place.article_id = model.article_id
            AND place.start_char BETWEEN model.start_char - {_NEAR} AND model.start_char + {_NEAR}
            AND place.name IS DISTINCT FROM model.developer
        JOIN recent ON recent.article_id = model.article_id
        WHERE NOT (place.start_char < model.end_char AND model.start_char < place.end_char)
    ), quoted AS (
        SELECT pairs.*,
            substring(text, gap_start + 1, gap_end - gap_start) AS between_them,
            list_last(regexp_split_to_array(
                substring(text, greatest(first_char - 300, 0) + 1, first_char - greatest(first_char - 300, 0)), $stop
            )) AS before,
            substring(text, first_char + 1, last_char - first_char) AS middle,
            regexp_split_to_array(substring(text, last_char + 1, 300), $stop)[1] AS after
        FROM pairs JOIN articles ON articles.article_id = pairs.article_id
    ), telling AS (
        SELECT *, concat(before, middle, after) AS sentence
        FROM quoted
        WHERE NOT regexp_matches(between_them, $stop)
            AND CASE WHEN model_first
                THEN regexp_matches(between_them, $place) AND regexp_matches(concat(before, middle, after), $offers)
                ELSE regexp_matches(between_them, $offers)
            END
    )
    SELECT model, min(developer) AS developer, company, count(DISTINCT article_id) AS articles,
        max(told_at)::DATE AS last_on, arg_max(article_id, (told_at, article_id)) AS article_id,
        arg_max(trim(sentence), (told_at, article_id)) AS sentence
    FROM telling
    GROUP BY model, company
    ORDER BY articles DESC, model, company LIMIT $limit
    """
    given = {"newest": newest, "stop": _STOP, "place": _WHERE, "offers": _OFFERS, "limit": limit}
    return rows(con, query, given)


def named_by_month(con: duckdb.DuckDBPyConnection, what: str, *, most: int = 8) -> list[tuple[str, date, int]]:
    """Name, first day of a month, articles: of the `most` chips or models in most articles. `what`: `chip` or `model`.

    A name that no article of a month tells of has no row for it.
    """
    table = {"chip": "chip_mentions", "model": "model_mentions"}[what]
    query = f"""
    WITH told AS (
        SELECT DISTINCT named.name, named.article_id, date_trunc('month', {_TOLD_ON})::DATE AS month
        FROM {table} AS named JOIN articles ON articles.article_id = named.article_id
    ), top AS (SELECT name FROM told GROUP BY name ORDER BY count(*) DESC, name LIMIT $most)
    SELECT name, month, count(*) FROM told WHERE name IN (SELECT name FROM top) GROUP BY ALL ORDER BY month, name
    """
    return con.execute(query, {"most": most}).fetchall()
