-- 30000000000 as `30B`, 1000 MW as `1 GW`: how amounts are printed in views.
CREATE OR REPLACE MACRO short_amount(amount) AS CASE
    WHEN amount IS NULL THEN NULL
    WHEN amount >= 1e12 THEN format('{:.4g}T', (amount / 1e12)::DOUBLE)
    WHEN amount >= 1e9 THEN format('{:.4g}B', (amount / 1e9)::DOUBLE)
    WHEN amount >= 1e6 THEN format('{:.4g}M', (amount / 1e6)::DOUBLE)
    ELSE format('{:.6g}', amount::DOUBLE)
END;
CREATE OR REPLACE MACRO short_power(mw) AS
    CASE WHEN mw >= 1000 THEN format('{:.4g} GW', mw / 1000) ELSE format('{:.4g} MW', mw) END;
