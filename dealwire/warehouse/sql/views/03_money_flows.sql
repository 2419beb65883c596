-- One row payer → payee → deal, directed kinds only.
-- An amount counts once: where several companies share one sum, their own parts are not known, so `amount_*` and
-- `usd_*` are null and the sum of the whole round stands in `round_amount_*`; never add those up over rows.
-- payer: Who gives the money: investor, acquirer, customer, lender or licensee. Canonical name.
-- payee: Who receives it. Canonical name.
-- kind: investment, acquisition, purchase, financing or licensing.
-- flow: What is bought: MONEY (a stake, a company, a loan), COMPUTE_HARDWARE (a chip of the payee's) or SERVICE.
-- status: planned, announced or ended.
-- currency: ISO 4217; null if no amount is stated.
-- amount_min: Least that this payer pays this payee, whole units of `currency`; null: not stated or not known.
-- amount_max: Most that this payer pays this payee, whole units of `currency`; null: not stated or not known.
-- capacity_mw: Megawatts of compute, upper bound, else lower; null where several companies share it.
-- usd_min: `amount_min` in US dollars at the rate of `announced_on`.
-- usd_max: `amount_max` in US dollars at the rate of `announced_on`.
-- round_amount_min: The whole sum's lower bound where several payers or payees share it, the same on each row.
-- round_amount_max: The whole sum's upper bound where several payers or payees share it, the same on each row.
-- announced_on: Day of the first claim.
-- sources: Distinct sites that tell of the deal.
-- confidence: 0 to 1.
-- deal_id: The deal; see `deal_overview`.
-- alliance_id: What it was announced with; see `alliance_overview`.
CREATE OR REPLACE VIEW money_flows AS
WITH hardware AS (
    -- Deals whose evidence names a chip that the payee makes: what is bought is hardware.
    SELECT DISTINCT deals.deal_id
    FROM deals
    JOIN deal_sources ON deal_sources.deal_id = deals.deal_id
    JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
    JOIN chip_mentions
        ON chip_mentions.article_id = deal_claims.article_id
        AND chip_mentions.start_char >= deal_claims.start_char
        AND chip_mentions.end_char <= deal_claims.end_char
    WHERE deals.kind = 'purchase' AND list_contains(deals.payees, chip_mentions.vendor)
), payers AS (
    SELECT deals.*, len(payers) * len(payees) = 1 AS alone, unnest(payers) AS payer
    FROM deals
    WHERE kind NOT IN ('partnership', 'joint_venture')
), sides AS (
    SELECT *, unnest(payees) AS payee
    FROM payers
)
SELECT
    payer,
    payee,
    kind,
    CASE
        WHEN kind IN ('investment', 'acquisition', 'financing') THEN 'MONEY'
        WHEN hardware.deal_id IS NOT NULL THEN 'COMPUTE_HARDWARE'
        ELSE 'SERVICE'
    END AS flow,
    status,
    currency,
    CASE WHEN alone THEN amount_min END AS amount_min,
    CASE WHEN alone THEN amount_max END AS amount_max,
    CASE WHEN alone THEN coalesce(capacity_mw_max, capacity_mw_min) END AS capacity_mw,
    CASE WHEN alone THEN usd_min END AS usd_min,
    CASE WHEN alone THEN usd_max END AS usd_max,
    CASE WHEN NOT alone THEN amount_min END AS round_amount_min,
    CASE WHEN NOT alone THEN amount_max END AS round_amount_max,
    announced_on,
    sources,
    confidence,
    sides.deal_id,
    alliance_id
FROM sides
LEFT JOIN hardware ON hardware.deal_id = sides.deal_id;
