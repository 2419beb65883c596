-- One row an alliance: what one announcement ties together.
-- alliance_id: Stable id of the alliance.
-- announced_on: Day of the first claim, UTC.
-- title: Made from its facts.
-- parties: Canonical names of all companies in it.
-- legs: Its deals as readable lines, such as `Anthropic → Microsoft: purchase $30B`; money first, largest first.
-- deals: Number of deals.
-- kinds: The kinds of deal in it, in alphabetical order.
-- chips: Chips named in the sentences that state the deals, canonical names.
-- models: AI models named in those sentences, canonical names.
-- usd_max: Sum of the legs' upper, else lower bounds in US dollars.
-- usd_invested: The same, of investments and joint ventures alone.
-- usd_purchased: The same, of purchases and licences alone.
-- usd_acquired: The same, of acquisitions alone.
-- usd_lent: The same, of financing alone.
-- sources: Distinct sites that tell of it.
-- sites: Those sites, in alphabetical order.
-- first_seen_at: When the first article that tells of it was first seen.
CREATE OR REPLACE VIEW alliance_overview AS
WITH named AS (
    SELECT article_id, start_char, end_char, name, 'chip' AS what FROM chip_mentions
    UNION ALL
    SELECT article_id, start_char, end_char, name, 'model' AS what FROM model_mentions
)
-- Lateral joins, so that a question about a few alliances does not sum up all of them, nor print all legs.
SELECT
    alliances.alliance_id,
    alliances.announced_on,
    alliances.title,
    alliances.parties,
    coalesce(summed.legs, []) AS legs,
    coalesce(summed.deals, 0) AS deals,
    coalesce(summed.kinds, []) AS kinds,
    coalesce(involved.chips, []) AS chips,
    coalesce(involved.models, []) AS models,
    coalesce(alliances.usd_max, summed.usd_max) AS usd_max,
    summed.usd_invested,
    summed.usd_purchased,
    summed.usd_acquired,
    summed.usd_lent,
    coalesce(sourced.sources, 0) AS sources,
    coalesce(sourced.sites, []) AS sites,
    sourced.first_seen_at
FROM alliances
LEFT JOIN LATERAL (
    SELECT
        list(leg ORDER BY kind IN ('partnership', 'joint_venture'), usd DESC NULLS LAST, leg) AS legs,
        count(*) AS deals,
        list_sort(list(DISTINCT kind)) AS kinds,
        sum(usd) AS usd_max,
        sum(usd) FILTER (kind IN ('investment', 'joint_venture')) AS usd_invested,
        sum(usd) FILTER (kind IN ('purchase', 'licensing')) AS usd_purchased,
        sum(usd) FILTER (kind = 'acquisition') AS usd_acquired,
        sum(usd) FILTER (kind = 'financing') AS usd_lent
    FROM (
        SELECT
            kind,
            usd,
            concat(
                CASE
                    WHEN len(parties) > 0 THEN array_to_string(parties, ' + ')
                    ELSE array_to_string(payers, ', ') || ' → ' || array_to_string(payees, ', ')
                END,
                ': ',
                replace(kind, '_', ' '),
                CASE
                    WHEN low IS NULL AND high IS NULL THEN ''
                    WHEN low IS NULL THEN ' up to ' || sign || high
                    WHEN high IS NULL THEN ' over ' || sign || low
                    WHEN amount_min = amount_max THEN ' ' || sign || high
                    ELSE ' ' || sign || low || '–' || sign || high
                END,
                CASE
                    WHEN low_power IS NULL AND high_power IS NULL THEN ''
                    WHEN low_power IS NULL THEN ', up to ' || high_power
                    WHEN high_power IS NULL THEN ', over ' || low_power
                    WHEN capacity_mw_min = capacity_mw_max THEN ', ' || high_power
                    ELSE ', ' || low_power || '–' || high_power
                END,
                CASE status WHEN 'announced' THEN '' ELSE ' (' || status || ')' END,
                CASE WHEN amounts_disagree THEN ' (sources disagree)' ELSE '' END
            ) AS leg
        FROM (
            SELECT
                *,
                coalesce(usd_max, usd_min) AS usd,
                CASE currency
                    WHEN 'USD' THEN '$' WHEN 'EUR' THEN '€' WHEN 'GBP' THEN '£' WHEN 'JPY' THEN '¥' WHEN 'INR' THEN '₹'
                    ELSE currency || ' '
                END AS sign,
                short_amount(amount_min) AS low,
                short_amount(amount_max) AS high,
                short_power(capacity_mw_min) AS low_power,
                short_power(capacity_mw_max) AS high_power
            FROM deals
            WHERE deals.alliance_id = alliances.alliance_id
        ) AS printed
    ) AS legs
) AS summed ON true
LEFT JOIN LATERAL (
    SELECT
        count(DISTINCT articles.site) AS sources,
        list_sort(list(DISTINCT articles.site)) AS sites,
        min(articles.first_seen_at) AS first_seen_at
    FROM deals
    JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
    JOIN articles ON articles.article_id = deal_sources.article_id
    WHERE deals.alliance_id = alliances.alliance_id
) AS sourced ON true
LEFT JOIN LATERAL (
    SELECT
        list_sort(list(DISTINCT name) FILTER (what = 'chip')) AS chips,
        list_sort(list(DISTINCT name) FILTER (what = 'model')) AS models
    FROM deals
    JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
    JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
    JOIN named
        ON named.article_id = deal_claims.article_id
        AND named.start_char >= deal_claims.start_char
        AND named.end_char <= deal_claims.end_char
    WHERE deals.alliance_id = alliances.alliance_id
) AS involved ON true;
