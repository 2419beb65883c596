"""A made-up archive, filled by the database itself: 100,000 articles with 20,000 deals in well under a minute.

Companies are as in the news: few are in many deals. Every claim's sentence names its sides, its amount and often a
chip or a model, so that every join of the pages finds what it looks for.
"""

from pathlib import Path

from dealwire.warehouse.connect import Warehouse

COMPANIES = 3_000
SITES = 60
# Each company but the last few is named by a rank that is drawn low more often than high.
_RANK = f"(1 + floor({COMPANIES} * pow(random(), 2)))::INTEGER"
_FILLER = "The two said so on the day and gave no further figures, and analysts had expected as much for some weeks. "


def fill(path: Path, *, articles: int = 100_000, deals: int = 20_000) -> Warehouse:
    """A new warehouse at `path` with so many articles and deals, the same each time."""
    store = Warehouse(path)
    with store.write() as con:
        con.execute("SET threads = 1")
        con.execute("SELECT setseed(0.25)")
        for query in _queries(articles, deals):
            con.execute(query)
    return store


def _queries(articles: int, deals: int) -> list[str]:
    return [
        f"""
        INSERT INTO companies BY NAME
        SELECT 'company-' || n AS company_id, 'Company ' || n AS name,
            ['ai', 'chips', 'cloud', 'investor', 'software', 'power', NULL][1 + n % 7] AS kind,
            ['US', 'CN', 'GB', 'JP', NULL][1 + n % 5] AS country, []::VARCHAR[] AS aliases, n % 3 > 0 AS known,
            TIMESTAMPTZ '2023-01-01 00:00:00+00' AS first_seen, TIMESTAMPTZ '2025-12-31 00:00:00+00' AS last_seen
        FROM range(1, {COMPANIES} + 1) AS ranks(n)
        """,
        """
        INSERT INTO chips BY NAME
        SELECT 'chip-' || n AS chip_id, 'Chip ' || n AS name, 'Company ' || (1 + n % 9) AS vendor, true AS known
        FROM range(1, 61) AS numbers(n)
        """,
        """
        INSERT INTO models BY NAME
        SELECT 'model-' || n AS model_id, 'Model ' || n AS name, 'Company ' || (1 + n % 12) AS developer, true AS known
        FROM range(1, 121) AS numbers(n)
        """,
        # A deal's terms; the last tenth of the companies' sides are rounds of two payers.
        f"""
        CREATE TEMP TABLE terms AS
        WITH drawn AS (
            SELECT n, {_RANK} AS one, {_RANK} AS second, {_RANK} AS third, random() AS dice, random() AS size,
                (n * 1095 // {deals})::INTEGER AS day
            FROM range({deals}) AS numbers(n)
        )
        SELECT n AS deal, 'deal-' || n AS deal_id, 'alliance-' || (n // 2) AS alliance_id, one,
            if(second = one, one % {COMPANIES} + 1, second) AS two, third AS three,
            CASE WHEN dice < 0.3 THEN 'investment' WHEN dice < 0.4 THEN 'acquisition' WHEN dice < 0.65 THEN 'purchase'
                WHEN dice < 0.72 THEN 'financing' WHEN dice < 0.8 THEN 'licensing' WHEN dice < 0.83
                THEN 'joint_venture' ELSE 'partnership' END AS kind,
            CASE WHEN size < 0.2 THEN 'planned' WHEN size < 0.95 THEN 'announced' ELSE 'ended' END AS status,
            dice < 0.1 AND third NOT IN (one, two) AS shared,
            CASE WHEN size < 0.75 THEN (1e6 * pow(10, 4 * random() * random()))::BIGINT END AS usd,
            DATE '2023-01-01' + day AS day
        FROM drawn
        """,
        # One claim an article; the text before and after it is filler.
        f"""
        CREATE TEMP TABLE stories AS
        SELECT md5('story' || n) AS article_id, n, terms.*,
            'Company ' || one || CASE WHEN shared THEN ' and Company ' || three ELSE '' END
            || ' will pay $' || coalesce(usd, 0) || ' to Company ' || two || ' and use Chip ' || (1 + n % 60)
            || ' to run Model ' || (1 + n % 120) || ' on it.' AS sentence,
            'Story ' || n || chr(10) || chr(10) AS title
        FROM range({articles}) AS numbers(n) JOIN terms ON terms.deal = numbers.n % {deals}
        """,
        f"""
        INSERT INTO articles BY NAME
        SELECT article_id, 'https://site' || (n % {SITES}) || '.example/' || n AS url,
            'site' || (n % {SITES}) || '.example' AS site, 'Story ' || n AS title,
            title || sentence || chr(10) || repeat('{_FILLER}', 20) AS text,
            day + INTERVAL 6 HOUR + to_hours((n // {deals})::INTEGER) AS published_at,
            day + INTERVAL 7 HOUR + to_hours((n // {deals})::INTEGER) AS first_seen_at,
            'page' AS read_status, 1 AS read_attempts, md5(sentence) AS text_hash, 1 AS revision
        FROM stories
        """,
        *(
            f"""
            INSERT INTO {table} BY NAME
            SELECT md5(article_id || '{table}' || name) AS record_id, article_id, '{extractor}' AS extractor,
                '1' AS version, len(title) + position(name IN sentence) - 1 AS start_char,
                len(title) + position(name IN sentence) - 1 + len(name) AS end_char, name,
                lower(replace(name, ' ', '-')) AS {key}, {more}
            FROM ({source})
            """
            for table, extractor, key, more, source in (
                (
                    "company_mentions",
                    "companies",
                    "company_id",
                    "true AS known, 1.0 AS confidence",
                    "SELECT *, 'Company ' || one AS name FROM stories UNION ALL "
                    "SELECT *, 'Company ' || two AS name FROM stories UNION ALL "
                    "SELECT *, 'Company ' || three AS name FROM stories WHERE shared",
                ),
                (
                    "chip_mentions",
                    "chips",
                    "chip_id",
                    "'Company ' || (1 + (1 + n % 60) % 9) AS vendor",
                    "SELECT *, 'Chip ' || (1 + n % 60) AS name FROM stories",
                ),
                (
                    "model_mentions",
                    "models",
                    "model_id",
                    "'Company ' || (1 + (1 + n % 120) % 12) AS developer",
                    "SELECT *, 'Model ' || (1 + n % 120) AS name FROM stories",
                ),
            )
        ),
        """
        INSERT INTO deal_claims BY NAME
        SELECT md5(article_id || 'claim') AS record_id, article_id, 'deals' AS extractor, '1' AS version,
            len(title) AS start_char, len(title) + len(sentence) AS end_char, kind, status,
            CASE WHEN kind IN ('partnership', 'joint_venture') THEN []
                WHEN shared THEN ['Company ' || one, 'Company ' || three] ELSE ['Company ' || one] END AS payers,
            CASE WHEN kind IN ('partnership', 'joint_venture') THEN [] ELSE ['Company ' || two] END AS payees,
            CASE WHEN kind IN ('partnership', 'joint_venture') THEN ['Company ' || one, 'Company ' || two] ELSE []
                END AS parties,
            CASE WHEN usd IS NOT NULL THEN 'USD' END AS currency, usd AS amount_min, usd AS amount_max,
            CASE WHEN usd IS NOT NULL THEN '$' || usd END AS quoted, 0.5 + (n % 40) / 100 AS confidence
        FROM stories
        """,
        """
        INSERT INTO deal_sources BY NAME
        SELECT deal_id, md5(article_id || 'claim') AS claim_id, article_id,
            row_number() OVER (PARTITION BY deal_id ORDER BY n) = 1 AS best
        FROM stories
        """,
        """
        INSERT INTO deals BY NAME
        SELECT terms.deal_id, alliance_id, kind, status,
            CASE WHEN kind IN ('partnership', 'joint_venture') THEN []
                WHEN shared THEN ['Company ' || one, 'Company ' || three] ELSE ['Company ' || one] END AS payers,
            CASE WHEN kind IN ('partnership', 'joint_venture') THEN [] ELSE ['Company ' || two] END AS payees,
            CASE WHEN kind IN ('partnership', 'joint_venture') THEN ['Company ' || one, 'Company ' || two] ELSE []
                END AS parties,
            CASE WHEN usd IS NOT NULL THEN 'USD' END AS currency, usd AS amount_min, usd AS amount_max,
            usd AS usd_min, usd AS usd_max, false AS amounts_disagree, day AS announced_on, sources, articles,
            0.5 + (deal % 40) / 100 AS confidence
        FROM terms JOIN (
            SELECT deal_id, count(DISTINCT n % 60) AS sources, count(*) AS articles FROM stories GROUP BY deal_id
        ) AS told ON told.deal_id = terms.deal_id
        """,
        """
        INSERT INTO deal_history BY NAME
        SELECT deal_id, status, announced_on AS since, '' AS claim_id FROM deals
        """,
        """
        INSERT INTO alliances BY NAME
        SELECT alliance_id, min(title) AS title, list_sort(list_distinct(flatten(list(sides)))) AS parties,
            min(announced_on) AS announced_on, count(*) AS deals, max(sources) AS sources, sum(usd_max) AS usd_max
        FROM (
            SELECT *, payers || payees || parties AS sides, array_to_string(payers || payees || parties, ', ') AS title
            FROM deals
        )
        GROUP BY alliance_id
        """,
        f"""
        INSERT INTO feeds BY NAME
        SELECT 'feed-' || n AS feed_id, 'https://site' || n || '.example/rss' AS url, 'Site ' || n AS title,
            TIMESTAMPTZ '2023-01-01 00:00:00+00' AS added_at, false AS paused, 0 AS failures
        FROM range({SITES}) AS numbers(n)
        """,
    ]
