-- What the deals were made from, so that only what has changed since is linked again.

-- One row a claim that was linked.
CREATE TABLE linked_claims (
    claim_id VARCHAR NOT NULL,
    fingerprint BIGINT NOT NULL,
    family VARCHAR
);

-- One row a thing that claims of one deal have in common.
CREATE TABLE linked_keys (
    key VARCHAR NOT NULL,
    family VARCHAR NOT NULL
);

-- One row: the rules and rates by which the claims were linked.
CREATE TABLE linked_by (rules VARCHAR NOT NULL, rates VARCHAR NOT NULL);
