-- What deals state beside sides and amount.

ALTER TABLE deals ADD COLUMN years DOUBLE;
ALTER TABLE deals ADD COLUMN stake_percent DOUBLE;
ALTER TABLE deals ADD COLUMN valuation DECIMAL(38,2);
ALTER TABLE deals ADD COLUMN valuation_currency VARCHAR;
