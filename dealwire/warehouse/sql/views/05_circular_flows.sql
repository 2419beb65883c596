-- One row a loop (A pays B, B pays A) or simple cycle of three to five companies, with its score.
-- Scores are those of "Quantifying Circularity in AI Industry Deal Networks" (January 2026), except that a cycle
-- passes no company twice. Ended deals are left out; deals of equal payer, payee, kind and flow are summed, and of each
-- pair and direction the largest counts.
-- companies: In the order of payment; the last pays the first. Begins with the name that sorts first.
-- size: Number of companies; 2 is a loop.
-- flows: What each buys of the next, as in `money_flows`.
-- usd: Sum of the known amounts (upper, else lower bounds) in US dollars; null if none is known.
-- score: 0 to 1; higher: more varied flows, more balanced amounts, surer deals.
CREATE OR REPLACE VIEW circular_flows AS
WITH RECURSIVE summed AS (
    SELECT payer, payee, kind, flow, nullif(sum(coalesce(usd_max, usd_min)), 0)::DOUBLE AS usd,
        max(confidence) AS confidence
    FROM money_flows
    WHERE status <> 'ended' AND payer <> payee
    GROUP BY payer, payee, kind, flow
), largest AS (
    SELECT payer, payee, flow, usd, confidence
    FROM summed
    QUALIFY row_number() OVER (
        PARTITION BY payer, payee ORDER BY usd DESC NULLS LAST, confidence DESC, flow, kind
    ) = 1
), inner_edges AS (
    -- Who never pays or is never paid lies on no cycle; leaving them out, twice, keeps the search short.
    SELECT * FROM largest
    WHERE payer IN (SELECT payee FROM largest) AND payee IN (SELECT payer FROM largest)
), edges AS (
    SELECT * FROM inner_edges
    WHERE payer IN (SELECT payee FROM inner_edges) AND payee IN (SELECT payer FROM inner_edges)
), walks AS (
    SELECT [payer] AS companies, payee AS reached, [flow] AS flows, [usd] AS amounts, [confidence] AS sure
    FROM edges
    -- The first company's name sorts first, so that each cycle is walked once.
    WHERE payer < payee
    UNION ALL
    SELECT list_append(companies, reached), edges.payee, list_append(flows, flow), list_append(amounts, usd),
        list_append(sure, confidence)
    FROM walks
    JOIN edges ON edges.payer = walks.reached
    WHERE walks.reached <> companies[1]
        AND len(companies) < 5
        AND edges.payee >= companies[1]
        -- The fifth payment has to close the circle, so others need not be looked at.
        AND (edges.payee = companies[1] OR (len(companies) < 4 AND NOT list_contains(companies, edges.payee)))
), closed AS (
    SELECT companies, flows, list_filter(amounts, lambda usd: usd IS NOT NULL) AS amounts, sure
    FROM walks
    WHERE reached = companies[1]
), parts AS (
    SELECT
        companies,
        len(companies) AS size,
        flows,
        list_sum(amounts) AS usd,
        CASE
            WHEN len(companies) = 2 THEN if(flows[1] <> flows[2], 1.0, 0.7)
            WHEN list_has_any(flows, ['MONEY', 'EQUITY']) AND list_has_any(flows, ['SERVICE', 'COMPUTE_HARDWARE'])
                THEN 1.0
            WHEN len(list_distinct(flows)) = 1 THEN 0.7
            ELSE 0.5
        END AS variety,
        CASE
            WHEN len(amounts) < 2 THEN 0.5
            WHEN len(companies) = 2 THEN 0.5 + 0.5 * list_min(amounts) / list_max(amounts)
            ELSE greatest(0, least(1, 1 - log10(list_max(amounts) / list_min(amounts)) / 3))
        END AS balance,
        CASE WHEN len(amounts) > 0 THEN greatest(0, least(1, (log10(list_sum(amounts)) - 6) / 6)) ELSE 0 END AS volume,
        list_avg(sure) AS sureness
    FROM closed
)
SELECT
    companies,
    size,
    flows,
    usd,
    CASE
        WHEN size = 2 THEN 0.35 * variety + 0.35 * balance + 0.30 * sureness
        ELSE 0.30 * variety + 0.25 * balance + 0.10 * volume + 0.20 * sureness + 0.15 / sqrt(size - 1)
    END::DOUBLE AS score
FROM parts;
