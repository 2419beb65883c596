-- One row a loop (A pays B, B pays A) or simple cycle of three to five companies, with its score.
-- Scores as in "Quantifying Circularity in AI Industry Deal Networks" (January 2026); a cycle passes no company twice.
-- Ended deals are left out. An edge is all deals of one kind group between two companies in one direction.
CREATE OR REPLACE VIEW circular_flows AS
WITH RECURSIVE edges AS (
    SELECT
        payer,
        payee,
        CASE kind WHEN 'investment' THEN 'EQUITY' WHEN 'acquisition' THEN 'EQUITY' WHEN 'financing' THEN 'MONEY'
            ELSE 'SERVICE' END AS flow,
        sum(coalesce(usd_max, usd_min))::DOUBLE AS usd,
        -- The paper's confidence runs from 1 to 5.
        max(1 + 4 * confidence) AS confidence
    FROM money_flows
    WHERE status <> 'ended' AND payer <> payee
    GROUP BY ALL
), largest AS (
    SELECT * FROM edges
    QUALIFY row_number() OVER (PARTITION BY payer, payee ORDER BY usd DESC NULLS LAST, confidence DESC, flow) = 1
), walks AS (
    SELECT payer AS first_company, [payer, payee] AS path, [flow] AS flows, [usd] AS amounts, [confidence] AS sure
    FROM largest
    UNION ALL
    SELECT first_company, list_append(path, payee), list_append(flows, flow), list_append(amounts, usd),
        list_append(sure, confidence)
    FROM walks
    JOIN largest ON largest.payer = path[-1]
    -- The first company is the smallest name, so that each cycle is walked once.
    WHERE len(path) <= 5 AND path[-1] <> first_company
        AND payee >= first_company
        AND (payee = first_company OR NOT list_contains(path, payee))
), closed AS (
    SELECT path[:-2] AS companies, flows, list_filter(amounts, lambda a: a IS NOT NULL) AS amounts, sure
    FROM walks
    WHERE len(path) > 2 AND path[-1] = first_company
        AND first_company = list_min(path)
)
SELECT
    companies,
    len(companies) AS size,
    flows,
    list_sum(amounts) AS usd,
    round(
        CASE WHEN len(companies) = 2 THEN
            0.35 * CASE WHEN flows[1] <> flows[2] THEN 1.0 ELSE 0.7 END
            + 0.35 * CASE WHEN len(amounts) = 2 THEN 0.5 + 0.5 * list_min(amounts) / list_max(amounts) ELSE 0.5 END
            + 0.30 * list_sum(sure) / 10
        ELSE
            0.30 * CASE
                WHEN list_has_any(flows, ['MONEY', 'EQUITY']) AND list_contains(flows, 'SERVICE') THEN 1.0
                WHEN len(list_distinct(flows)) = 1 THEN 0.7
                ELSE 0.5 END
            + 0.25 * CASE WHEN len(amounts) >= 2
                THEN greatest(0, least(1, 1 - log10(list_max(amounts) / list_min(amounts)) / 3)) ELSE 0.5 END
            + 0.10 * CASE WHEN len(amounts) > 0 AND list_sum(amounts) > 0
                THEN greatest(0, least(1, (log10(list_sum(amounts)) - 6) / 6)) ELSE 0 END
            + 0.20 * list_avg(sure) / 5
            + 0.15 / sqrt(len(companies) - 1)
        END, 3
    ) AS score
FROM closed;
