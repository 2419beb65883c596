-- One row payer → payee → deal, directed kinds only.
-- An amount counts once: where several companies share one sum, their own parts are not known, so `amount_min`,
-- `amount_max` and `usd_*` are null and the sum stands in `shared_amount_min` and `shared_amount_max`.
CREATE OR REPLACE VIEW money_flows AS
WITH pairs AS (
    SELECT *, len(payers) * len(payees) = 1 AS alone, unnest(payers) AS payer
    FROM deals
    WHERE kind NOT IN ('partnership', 'joint_venture')
), sides AS (
    SELECT *, unnest(payees) AS payee FROM pairs
)
SELECT
    payer,
    payee,
    kind,
    status,
    currency,
    CASE WHEN alone THEN amount_min END AS amount_min,
    CASE WHEN alone THEN amount_max END AS amount_max,
    coalesce(capacity_mw_max, capacity_mw_min) AS capacity_mw,
    CASE WHEN alone THEN usd_min END AS usd_min,
    CASE WHEN alone THEN usd_max END AS usd_max,
    CASE WHEN NOT alone THEN amount_min END AS shared_amount_min,
    CASE WHEN NOT alone THEN amount_max END AS shared_amount_max,
    announced_on,
    sources,
    confidence,
    deal_id,
    alliance_id
FROM sides;
