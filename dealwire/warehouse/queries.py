"""Named queries: what commands and steps ask the warehouse. Rows come back as dictionaries or records."""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from dealwire.warehouse import rejected
from dealwire.warehouse.among import AMONG, AMONG_IDS, listed, texts
from dealwire.warehouse.connect import Warehouse
from schemas import Article, DealKind, DealStatus, Feed, StoredClaim
from schemas.errors import InvalidInput, QueryFailed

Row = dict[str, Any]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Functions that pass for SELECTs but write files, change the connection or stop the process.
_REFUSED = re.compile(
    r"\b(enable_logging|disable_logging|write_log|enable_profiling|disable_profiling|force_checkpoint|checkpoint"
    # Of a DuckLake: its catalogue itself, and other databases than that.
    r"|postgres_\w+|ducklake_\w+|__ducklake\w*)\b",
    re.IGNORECASE,
)

DUE = """(
    next_due_at IS NULL OR next_due_at <= $now::TIMESTAMPTZ
    -- Polled in the future: the clock was set back, and would keep the feed waiting for as long.
    OR last_polled_at > $now::TIMESTAMPTZ + INTERVAL 1 MINUTE
)"""
"""Whether a feed is to be polled at `$now`."""
UNREAD = """(
    (read_status = 'pending' AND read_attempts < $attempts)
    OR (
        read_status <> 'pending' AND changed_at IS NOT NULL
        AND ($now::TIMESTAMPTZ IS NULL OR read_at IS NULL OR read_at <= $now::TIMESTAMPTZ - to_seconds($seconds))
    )
)"""
"""Whether an article is to be read: it was not yet, in `$attempts` tries at most, or was changed since."""


def feeds(con: duckdb.DuckDBPyConnection) -> list[Feed]:
    """All feeds, in the order they were added."""
    return [Feed(**row) for row in rows(con, "SELECT * FROM feeds ORDER BY added_at, url")]


def due_feeds(con: duckdb.DuckDBPyConnection, now: datetime | None) -> list[Feed]:
    """The feeds to poll at `now`; None: all that are neither paused nor gone. Longest overdue first."""
    query = f"""
    SELECT * FROM feeds
    WHERE NOT paused AND gone_at IS NULL
        AND ($now::TIMESTAMPTZ IS NULL OR {DUE})
    ORDER BY next_due_at NULLS FIRST, url
    """
    return [Feed(**row) for row in rows(con, query, {"now": now})]


def pauses(con: duckdb.DuckDBPyConnection) -> dict[str, datetime]:
    """The hosts that have asked to be left alone, with until when."""
    return dict(con.execute("SELECT host, paused_until FROM hosts").fetchall())


def feed_counts(con: duckdb.DuckDBPyConnection, feed_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """For each feed the entries stored for it in all, and those that its last poll brought."""
    query = """
    SELECT wanted.feed_id, (SELECT count(*) FROM entries WHERE entries.feed_id = wanted.feed_id),
        coalesce((SELECT arg_max("new", polled_at) FROM polls WHERE polls.feed_id = wanted.feed_id), 0)
    FROM (SELECT unnest($ids::VARCHAR[]) AS feed_id) AS wanted
    """
    return {row[0]: (row[1], row[2]) for row in con.execute(query, {"ids": list(feed_ids)}).fetchall()}


def unread(
    con: duckdb.DuckDBPyConnection,
    limit: int | None,
    attempts: int,
    *,
    now: datetime | None = None,
    again_hours: float = 0,
) -> list[Article]:
    """Articles to read: those without text that were tried fewer than `attempts` times, newest first.

    Then those that their feed has changed since they were read, if that was `again_hours` before `now` or more.
    """
    query = f"""
    SELECT * FROM articles
    WHERE {UNREAD}
    ORDER BY read_status <> 'pending', coalesce(published_at, first_seen_at) DESC, article_id LIMIT $limit
    """
    given = {"attempts": attempts, "limit": limit or 1 << 40, "now": now, "seconds": again_hours * 3600}
    return [Article(**row) for row in rows(con, query, given)]


def claims(con: duckdb.DuckDBPyConnection, among: Collection[str] | None = None) -> list[StoredClaim]:
    """All claims but the rejected ones, or of these those of some ids, with their articles.

    A date that is missing or lies in the future is replaced by when the article was seen.
    """
    query = f"""
    SELECT record_id AS claim_id, deal_claims.article_id, extractor, kind, status, payers, payees, parties, currency,
        amount_min, amount_max, capacity_mw_min, capacity_mw_max, years, stake_percent, valuation, valuation_currency,
        confidence, start_char AS start, end_char AS "end",
        coalesce(title, '') AS title, site, url, text_hash,
        -- A number is read in a tenth of the time that a day with its zone takes.
        epoch_us(coalesce(least(published_at, first_seen_at), first_seen_at)) AS published_at
    FROM deal_claims JOIN articles ON articles.article_id = deal_claims.article_id
    WHERE record_id NOT IN {rejected.IDS} {"" if among is None else f"AND record_id IN {AMONG}"}
    ORDER BY record_id
    """
    done = con.execute(query, [] if among is None else [texts(among)])
    names = [column[0] for column in done.description or ()]
    kinds, statuses = {one.value: one for one in DealKind}, {one.value: one for one in DealStatus}
    found = []
    while rows := done.fetchmany(10_000):
        for row in rows:
            fields = dict(zip(names, row, strict=True))
            fields["kind"], fields["status"] = kinds[fields["kind"]], statuses[fields["status"]]
            for side in ("payers", "payees", "parties"):
                fields[side] = tuple(fields[side] or ())
            fields["published_at"] = _EPOCH + timedelta(microseconds=fields["published_at"])
            # Every row was a valid claim when it was stored; checking a hundred thousand again would take seconds.
            found.append(StoredClaim.trusted(fields))
    return found


def deal_ids(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Ids of the deals stored."""
    return {row[0] for row in con.execute("SELECT deal_id FROM deals").fetchall()}


def rates(con: duckdb.DuckDBPyConnection) -> list[tuple[str, date, float]]:
    """The stored exchange rates: currency, day, US dollars for one unit."""
    return con.execute("SELECT currency, day, usd FROM currency_rates").fetchall()


def alliances(
    con: duckdb.DuckDBPyConnection,
    *,
    since: date | None = None,
    party: str | None = None,
    kind: str | None = None,
    status: str | None = None,
    min_usd: Decimal | float | None = None,
    limit: int = 20,
) -> list[Row]:
    """Rows of `alliance_overview`, newest first.

    `party` is a company's name in any case; `kind` and `status` are those of one of the deals in it; `min_usd` is the
    least sum in US dollars.
    """
    query = """
    SELECT alliance_id FROM alliances
    WHERE ($since::DATE IS NULL OR announced_on >= $since::DATE)
        AND ($party::VARCHAR IS NULL OR list_contains(list_transform(parties, lambda p: lower(p)), lower($party)))
        AND ($min_usd::DOUBLE IS NULL OR usd_max >= $min_usd::DOUBLE)
        AND (
            ($kind::VARCHAR IS NULL AND $status::VARCHAR IS NULL)
            OR alliance_id IN (
                SELECT alliance_id FROM deals
                WHERE kind = coalesce($kind, kind) AND status = coalesce($status, status)
            )
        )
    ORDER BY announced_on DESC, usd_max DESC NULLS LAST, alliance_id LIMIT $limit
    """
    given = {"since": since, "party": party, "kind": kind, "status": status, "min_usd": min_usd, "limit": limit}
    return _viewed(con, "alliance_overview", "alliance_id", query, given)


def deals(
    con: duckdb.DuckDBPyConnection,
    *,
    since: date | None = None,
    party: str | None = None,
    kind: str | None = None,
    status: str | None = None,
    min_usd: Decimal | float | None = None,
    limit: int = 20,
) -> list[Row]:
    """Rows of `deal_overview`, newest first; `party` is a company's name in any case."""
    query = """
    SELECT deal_id FROM deals
    WHERE ($since::DATE IS NULL OR announced_on >= $since::DATE)
        AND ($kind::VARCHAR IS NULL OR kind = $kind)
        AND ($status::VARCHAR IS NULL OR status = $status)
        AND ($min_usd::DOUBLE IS NULL OR coalesce(usd_max, usd_min) >= $min_usd::DOUBLE)
        AND (
            $party::VARCHAR IS NULL
            OR list_contains(list_transform(payers || payees || parties, lambda p: lower(p)), lower($party))
        )
    ORDER BY announced_on DESC, usd_max DESC NULLS LAST, deal_id LIMIT $limit
    """
    given = {"since": since, "party": party, "kind": kind, "status": status, "min_usd": min_usd, "limit": limit}
    return _viewed(con, "deal_overview", "deal_id", query, given)


def evidence_of(con: duckdb.DuckDBPyConnection, deal_id: str) -> list[Row]:
    """Every claim that a deal rests on, the best first: its sentence, terms, source, date and extractor."""
    query = """
    SELECT deal_claims.record_id AS claim_id, best, site, articles.title, articles.url, articles.article_id,
        coalesce(least(published_at, first_seen_at), first_seen_at) AS published_at,
        substring(text, start_char + 1, end_char - start_char) AS evidence, start_char, end_char,
        kind, status, payers, payees, parties, currency, amount_min, amount_max, capacity_mw_min, capacity_mw_max,
        years, stake_percent, valuation, valuation_currency, quoted, confidence, extractor, version
    FROM deal_sources
    JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
    JOIN articles ON articles.article_id = deal_claims.article_id
    WHERE deal_id = $deal ORDER BY best DESC, published_at, claim_id
    """
    return rows(con, query, {"deal": deal_id})


def flows(con: duckdb.DuckDBPyConnection, *, company: str | None = None, limit: int = 20) -> list[Row]:
    """Rows of `money_flows`, largest first; `company` pays or is paid, its name in any case."""
    query = """
    SELECT * FROM money_flows
    WHERE $company::VARCHAR IS NULL OR lower($company) IN (lower(payer), lower(payee))
    ORDER BY coalesce(usd_max, usd_min) DESC NULLS LAST, announced_on DESC, deal_id, payer, payee LIMIT $limit
    """
    return rows(con, query, {"company": company, "limit": limit})


def circles(con: duckdb.DuckDBPyConnection, *, company: str | None = None, limit: int = 20) -> list[Row]:
    """Rows of `circular_flows`, highest score first; `company` lies on them, its name in any case."""
    query = """
    SELECT * FROM circular_flows
    WHERE $company::VARCHAR IS NULL
        OR list_contains(list_transform(companies, lambda c: lower(c)), lower($company))
    ORDER BY score DESC, companies LIMIT $limit
    """
    return rows(con, query, {"company": company, "limit": limit})


def hubs(con: duckdb.DuckDBPyConnection, *, company: str | None = None, limit: int = 20) -> list[Row]:
    """Rows of `circular_hubs`, highest score first; `company` alone, if given, its name in any case."""
    query = """
    SELECT * FROM circular_hubs WHERE $company::VARCHAR IS NULL OR lower(company) = lower($company)
    ORDER BY hub_score DESC, company LIMIT $limit
    """
    return rows(con, query, {"company": company, "limit": limit})


def deal(con: duckdb.DuckDBPyConnection, beginning: str) -> Row | None:
    """The row of `deal_overview` of the one deal whose id begins so; None if there is none.

    Raises `QueryFailed` if there are several.
    """
    query = "SELECT deal_id FROM deals WHERE starts_with(deal_id, $id) LIMIT 2"
    found = [row[0] for row in con.execute(query, {"id": beginning}).fetchall()]
    if len(found) > 1:
        raise QueryFailed(f"several deals' ids begin with {beginning!r}; give more of it")
    return rows(con, "SELECT * FROM deal_overview WHERE deal_id = $id", {"id": found[0]})[0] if found else None


def history_of(con: duckdb.DuckDBPyConnection, deal_id: str) -> list[Row]:
    """The statuses that a deal was told to have, each with the day since when, oldest first."""
    query = """
    SELECT status, since, claim_id FROM deal_history WHERE deal_id = $deal
    ORDER BY since, list_position(['planned', 'announced', 'ended'], status)
    """
    return rows(con, query, {"deal": deal_id})


def timeline(con: duckdb.DuckDBPyConnection, company: str, *, since: date | None = None) -> list[Row]:
    """What happened to the deals of a company, a row a status and day, oldest first; `company` in any case."""
    query = """
    SELECT deal_history.since, deal_history.status, kind, payers, payees, parties, currency, amount_min, amount_max,
        usd_min, usd_max, capacity_mw_min, capacity_mw_max, sources, confidence, deals.deal_id, alliance_id
    FROM deal_history JOIN deals ON deals.deal_id = deal_history.deal_id
    WHERE list_contains(list_transform(payers || payees || parties, lambda p: lower(p)), lower($company))
        AND ($since::DATE IS NULL OR deal_history.since >= $since::DATE)
    ORDER BY deal_history.since, coalesce(usd_max, usd_min) DESC NULLS LAST, deals.deal_id,
        list_position(['planned', 'announced', 'ended'], deal_history.status)
    """
    return rows(con, query, {"company": company, "since": since})


def told_in(con: duckdb.DuckDBPyConnection, alliance_ids: Sequence[str]) -> dict[str, list[Row]]:
    """For each alliance the rows of `deal_overview` of its deals, largest first."""
    query = f"""
    SELECT * FROM deal_overview
    WHERE deal_id IN {AMONG_IDS}
    ORDER BY coalesce(usd_max, usd_min) DESC NULLS LAST, kind, deal_id
    """
    wanted = f"SELECT deal_id FROM deals WHERE alliance_id IN {AMONG_IDS}"
    ids = [row[0] for row in con.execute(wanted, {"ids": texts(alliance_ids)}).fetchall()]
    found: dict[str, list[Row]] = {one: [] for one in alliance_ids}
    for row in rows(con, query, {"ids": texts(ids)}):
        found[row["alliance_id"]].append(row)
    return found


def company_named(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """The canonical name of the company with this name, alias or id, case aside.

    Raises `InvalidInput` with the nearest names if no article has named it.
    """
    query = """
    SELECT name FROM companies
    WHERE lower(name) = lower($name) OR company_id = lower($name)
        OR list_contains(list_transform(aliases, lambda a: lower(a)), lower($name))
    ORDER BY lower(name) = lower($name) DESC, company_id = lower($name) DESC, name LIMIT 1
    """
    found = con.execute(query, {"name": name}).fetchone()
    if found:
        return str(found[0])
    near = """
    SELECT name FROM companies
    WHERE jaro_winkler_similarity(lower(name), lower($name)) > 0.85 OR contains(lower(name), lower($name))
    ORDER BY jaro_winkler_similarity(lower(name), lower($name)) DESC, name LIMIT 3
    """
    nearest = ", ".join(row[0] for row in con.execute(near, {"name": name}).fetchall())
    hint = f"did you mean {nearest}?" if nearest else "`dealwire companies` shows those that are"
    raise InvalidInput(f"no company named {name!r} is known here; {hint}")


def feed_health(con: duckdb.DuckDBPyConnection, *, everything: bool = True) -> list[Row]:
    """Rows of `feed_health`, the worst first; without `everything` those of feeds with something to say."""
    query = """
    SELECT * FROM feed_health WHERE $everything OR state <> 'healthy'
    ORDER BY list_position(['gone', 'failing', 'silent', 'odd', 'new', 'paused', 'healthy'], state),
        failures DESC, title, url
    """
    return rows(con, query, {"everything": everything})


def companies(con: duckdb.DuckDBPyConnection, *, name: str | None = None, limit: int = 20) -> list[Row]:
    """Companies that articles name, most mentioned first, with counts of mentions, articles and deals."""
    query = """
    WITH named AS (
        SELECT company_id, count(*) AS mentions, count(DISTINCT article_id) AS articles
        FROM company_mentions GROUP BY company_id
    ), dealing AS (
        SELECT lower(name) AS name, count(DISTINCT deal_id) AS deals
        FROM (SELECT unnest(payers || payees || parties) AS name, deal_id FROM deals) GROUP BY ALL
    )
    SELECT company_id, companies.name, mentions, articles, coalesce(deals, 0) AS deals, known, kind, country, ticker,
        parent, aliases, first_seen, last_seen
    FROM companies JOIN named USING (company_id) LEFT JOIN dealing ON dealing.name = lower(companies.name)
    WHERE $name::VARCHAR IS NULL OR contains(lower(companies.name), lower($name))
    ORDER BY mentions DESC, companies.name LIMIT $limit
    """
    return rows(con, query, {"name": name, "limit": limit})


def company_names(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """Every company with its names, those of the catalogue that no article names among them; most mentioned first."""
    query = """
    SELECT company_id, name, aliases, known, coalesce(mentions, 0) AS mentions, coalesce(articles, 0) AS articles
    FROM companies LEFT JOIN (
        SELECT company_id, count(*) AS mentions, count(DISTINCT article_id) AS articles
        FROM company_mentions GROUP BY company_id
    ) USING (company_id)
    ORDER BY mentions DESC, name
    """
    return rows(con, query)


def articles(con: duckdb.DuckDBPyConnection, *, limit: int = 20) -> list[Row]:
    """Articles without their text, newest first."""
    query = """
    SELECT article_id, published_at, first_seen_at, site, title, url, read_status,
        (SELECT count(*) FROM deal_claims WHERE deal_claims.article_id = articles.article_id) AS deals
    FROM articles ORDER BY coalesce(published_at, first_seen_at) DESC, article_id LIMIT $limit
    """
    return rows(con, query, {"limit": limit})


def article(con: duckdb.DuckDBPyConnection, beginning: str) -> Row | None:
    """The one article whose id begins so; None if there is none. Raises `QueryFailed` if there are several."""
    found = rows(con, "SELECT * FROM articles WHERE starts_with(article_id, $id) LIMIT 2", {"id": beginning})
    if len(found) > 1:
        raise QueryFailed(f"several articles' ids begin with {beginning!r}; give more of it")
    return found[0] if found else None


def claims_of(con: duckdb.DuckDBPyConnection, article_id: str) -> list[Row]:
    """The claims of an article in reading order, each with its sentence as `evidence`."""
    query = """
    SELECT deal_claims.*, substring(text, start_char + 1, end_char - start_char) AS evidence
    FROM deal_claims JOIN articles USING (article_id) WHERE article_id = $id ORDER BY start_char, kind, record_id
    """
    return rows(con, query, {"id": article_id})


def mentions_of(con: duckdb.DuckDBPyConnection, article_id: str) -> list[Row]:
    """What an article names: label, entity (or the text of an amount) and how often."""
    query = """
    SELECT label, coalesce(entity, text) AS entity, count(*) AS mentions FROM mentions WHERE article_id = $id
    GROUP BY ALL ORDER BY label, mentions DESC, entity
    """
    return rows(con, query, {"id": article_id})


def run_sql(store: Warehouse, query: str) -> tuple[list[str], list[Sequence[Any]]]:
    """Columns and rows of one SELECT that a user wrote; it can read no file but the warehouse, and change nothing.

    Raises `QueryFailed` with the database's own words, on one line.
    """
    if refused := _REFUSED.search(query):
        raise QueryFailed(f"{refused[0]} is not allowed here; dealwire sql only reads the warehouse")
    with store.read_confined() as con:
        try:
            statements = con.extract_statements(query)
            if len(statements) != 1:
                raise QueryFailed(f"give one SELECT; this is {len(statements)} statements")
            if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
                raise QueryFailed("give one SELECT; dealwire sql changes nothing")
            done = con.execute(statements[0])
            return [column[0] for column in done.description or ()], list(done.fetchall())
        except duckdb.Error as error:
            # What follows is the query itself with a caret, which needs lines of its own.
            told = str(error).split("\n\nLINE ")[0]
            raise QueryFailed(" ".join(told.split())[:500]) from error


def _viewed(con: duckdb.DuckDBPyConnection, view: str, key: str, query: str, given: Row) -> list[Row]:
    """The view's rows of the ids that the query gives, in its order.

    With the ids at hand the database works the view out for these rows alone; with a subquery it does not.
    """
    ids = [row[0] for row in con.execute(query, given).fetchall()]
    among = f"SELECT * FROM {view} WHERE list_contains({listed('$ids')}, {key})"
    found = {row[key]: row for row in rows(con, among, {"ids": texts(ids)})}
    return [found[one] for one in ids]


def rows(con: duckdb.DuckDBPyConnection, query: str, parameters: Row | Sequence[Any] | None = None) -> list[Row]:
    """The rows of a query as dictionaries."""
    done = con.execute(query, parameters) if parameters else con.execute(query)
    names = [column[0] for column in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]
