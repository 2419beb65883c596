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
-- A large archive has millions of cycles. So that they are found at all, each is put together from pairs of payments
-- that are worked out once, and what its score needs is summed up in them: lists are made of what is found alone.
WITH summed AS (
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
), inner_payments AS (
    -- Who never pays or is never paid lies on no cycle.
    SELECT * FROM largest
    WHERE payer IN (SELECT payee FROM largest) AND payee IN (SELECT payer FROM largest)
), numbered AS MATERIALIZED (
    -- Numbers in the order of the names are joined and compared sooner than these.
    SELECT payer AS name, row_number() OVER (ORDER BY payer)::INTEGER AS place
    FROM (SELECT DISTINCT payer FROM inner_payments)
), payments AS MATERIALIZED (
    SELECT
        payers.place AS payer,
        payees.place AS payee,
        payers.name,
        flow,
        -- A bit a flow.
        CASE flow
            WHEN 'MONEY' THEN 1 WHEN 'EQUITY' THEN 2 WHEN 'SERVICE' THEN 4 WHEN 'COMPUTE_HARDWARE' THEN 8 ELSE 16
        END AS sorts,
        if(usd IS NULL, 0, 1) AS known,
        coalesce(usd, 0) AS usd,
        usd AS least_usd,
        usd AS most_usd,
        confidence AS sure
    FROM inner_payments
    JOIN numbered AS payers ON payers.name = inner_payments.payer
    JOIN numbered AS payees ON payees.name = inner_payments.payee
), walks AS NOT MATERIALIZED (
    -- Two payments, one after the other.
    SELECT
        one.payer,
        one.payee AS between,
        two.payee,
        one.name AS name_1,
        two.name AS name_2,
        one.flow AS flow_1,
        two.flow AS flow_2,
        one.sorts | two.sorts AS sorts,
        one.known + two.known AS known,
        one.usd + two.usd AS usd,
        least(one.least_usd, two.least_usd) AS least_usd,
        greatest(one.most_usd, two.most_usd) AS most_usd,
        one.sure + two.sure AS sure
    FROM payments AS one
    JOIN payments AS two ON two.payer = one.payee
), away AS MATERIALIZED (
    -- Those that begin at the first company of a cycle: its name sorts first, so that each is found once.
    SELECT * FROM walks WHERE payer < between AND payer < payee
), home AS MATERIALIZED (
    -- Those that end there.
    SELECT * FROM walks WHERE payee < payer AND payee < between
), cycles AS (
    SELECT
        2 AS size,
        [one.name, two.name] AS companies,
        [one.flow, two.flow] AS flows,
        one.sorts | two.sorts AS sorts,
        one.known + two.known AS known,
        one.usd + two.usd AS usd,
        least(one.least_usd, two.least_usd) AS least_usd,
        greatest(one.most_usd, two.most_usd) AS most_usd,
        one.sure + two.sure AS sure
    FROM payments AS one
    JOIN payments AS two ON two.payer = one.payee AND two.payee = one.payer
    WHERE one.payer < one.payee
    UNION ALL
    SELECT
        3,
        [name_1, name_2, name],
        [flow_1, flow_2, flow],
        away.sorts | payments.sorts,
        away.known + payments.known,
        away.usd + payments.usd,
        least(away.least_usd, payments.least_usd),
        greatest(away.most_usd, payments.most_usd),
        away.sure + payments.sure
    FROM away
    JOIN payments ON payments.payer = away.payee AND payments.payee = away.payer
    UNION ALL
    SELECT
        4,
        [away.name_1, away.name_2, home.name_1, home.name_2],
        [away.flow_1, away.flow_2, home.flow_1, home.flow_2],
        away.sorts | home.sorts,
        away.known + home.known,
        away.usd + home.usd,
        least(away.least_usd, home.least_usd),
        greatest(away.most_usd, home.most_usd),
        away.sure + home.sure
    FROM away
    JOIN home ON home.payer = away.payee AND home.payee = away.payer
    WHERE away.between <> home.between
    UNION ALL
    SELECT
        5,
        [away.name_1, away.name_2, name, home.name_1, home.name_2],
        [away.flow_1, away.flow_2, flow, home.flow_1, home.flow_2],
        away.sorts | payments.sorts | home.sorts,
        away.known + payments.known + home.known,
        away.usd + payments.usd + home.usd,
        least(away.least_usd, payments.least_usd, home.least_usd),
        greatest(away.most_usd, payments.most_usd, home.most_usd),
        away.sure + payments.sure + home.sure
    FROM away
    JOIN payments ON payments.payer = away.payee
    JOIN home ON home.payer = payments.payee AND home.payee = away.payer
    WHERE away.between <> home.payer AND away.between <> home.between AND home.between <> away.payee
), parts AS (
    SELECT
        companies,
        size,
        flows,
        nullif(usd, 0) AS usd,
        CASE
            WHEN size = 2 THEN if(bit_count(sorts) = 2, 1, 0.7)
            WHEN sorts & 3 > 0 AND sorts & 12 > 0 THEN 1
            WHEN bit_count(sorts) = 1 THEN 0.7
            ELSE 0.5
        END::DOUBLE AS variety,
        CASE
            WHEN known < 2 THEN 0.5
            WHEN size = 2 THEN 0.5 + 0.5 * least_usd / most_usd
            ELSE greatest(0, least(1, 1 - log10(most_usd / least_usd) / 3))
        END::DOUBLE AS balance,
        if(known > 0, greatest(0, least(1, (log10(usd) - 6) / 6)), 0)::DOUBLE AS volume,
        sure / size AS sureness
    FROM cycles
)
SELECT
    companies,
    size::BIGINT AS size,
    flows,
    usd,
    CASE
        WHEN size = 2 THEN 0.35 * variety + 0.35 * balance + 0.30 * sureness
        ELSE 0.30 * variety + 0.25 * balance + 0.10 * volume + 0.20 * sureness + 0.15 / sqrt(size - 1)
    END::DOUBLE AS score
FROM parts;
