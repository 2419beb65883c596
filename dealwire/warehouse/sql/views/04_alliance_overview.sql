-- One row an alliance: what one announcement ties together.
CREATE OR REPLACE VIEW alliance_overview AS
WITH told AS (
    SELECT
        *,
        CASE currency WHEN 'USD' THEN '$' WHEN 'EUR' THEN '€' WHEN 'GBP' THEN '£' WHEN 'JPY' THEN '¥' WHEN 'INR' THEN '₹'
            ELSE currency || ' ' END AS sign,
        short_amount(amount_min) AS low,
        short_amount(amount_max) AS high
    FROM deals
), legs AS (
    SELECT
        alliance_id,
        kind,
        usd_max,
        usd_min,
        deal_id,
        concat(
            CASE WHEN len(parties) > 0 THEN array_to_string(parties, ' + ')
                ELSE array_to_string(payers, ', ') || ' → ' || array_to_string(payees, ', ') END,
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
                WHEN capacity_mw_min IS NULL AND capacity_mw_max IS NULL THEN ''
                WHEN capacity_mw_min IS NULL THEN ', up to ' || short_power(capacity_mw_max)
                WHEN capacity_mw_max IS NULL THEN ', over ' || short_power(capacity_mw_min)
                ELSE ', ' || short_power(capacity_mw_max)
            END,
            CASE status WHEN 'announced' THEN '' ELSE ' (' || status || ')' END,
            CASE WHEN amounts_disagree THEN ' (sources disagree)' ELSE '' END
        ) AS leg
    FROM told
), sourced AS (
    SELECT alliance_id, count(DISTINCT site) AS sources, list_sort(list(DISTINCT site)) AS sites,
        min(first_seen_at) AS first_seen_at
    FROM deals JOIN deal_sources USING (deal_id) JOIN articles USING (article_id)
    GROUP BY alliance_id
), summed AS (
    SELECT
        alliance_id,
        list(leg ORDER BY kind IN ('partnership', 'joint_venture'), coalesce(usd_max, usd_min) DESC NULLS LAST, leg) AS legs,
        sum(coalesce(usd_max, usd_min)) FILTER (kind = 'investment') AS usd_invested,
        sum(coalesce(usd_max, usd_min)) FILTER (kind IN ('purchase', 'licensing')) AS usd_purchased,
        sum(coalesce(usd_max, usd_min)) FILTER (kind = 'acquisition') AS usd_acquired,
        sum(coalesce(usd_max, usd_min)) FILTER (kind = 'financing') AS usd_lent
    FROM legs
    GROUP BY alliance_id
)
SELECT
    alliances.alliance_id,
    alliances.announced_on,
    alliances.title,
    alliances.parties,
    summed.legs,
    alliances.usd_max,
    summed.usd_invested,
    summed.usd_purchased,
    summed.usd_acquired,
    summed.usd_lent,
    coalesce(sourced.sources, 0) AS sources,
    sourced.sites,
    sourced.first_seen_at
FROM alliances
LEFT JOIN summed USING (alliance_id)
LEFT JOIN sourced USING (alliance_id);
