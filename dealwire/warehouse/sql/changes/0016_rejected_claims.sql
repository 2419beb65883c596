-- Claims that were reported as wrong.

-- One row a claim that no deal is made of, as a user has said. What it states is kept beside its id: an extractor's
-- next version may tell the same under another id.
CREATE TABLE rejected_claims (
    claim_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    payers VARCHAR[],
    payees VARCHAR[],
    parties VARCHAR[],
    currency VARCHAR,
    amount_min DECIMAL(38,2),
    amount_max DECIMAL(38,2),
    reason VARCHAR,
    rejected_at TIMESTAMPTZ NOT NULL
);
