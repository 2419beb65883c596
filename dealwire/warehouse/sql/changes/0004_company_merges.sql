-- Corrections of company names.

-- One row a company whose name stands for another company, as a user has said.
CREATE TABLE company_merges (
    company_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    into_id VARCHAR NOT NULL,
    into_name VARCHAR NOT NULL,
    known BOOLEAN,
    source VARCHAR NOT NULL,
    merged_at TIMESTAMPTZ NOT NULL
);

-- One row a record in which a correction has changed the names of companies: the names that the extractor found.
CREATE TABLE names_as_found (
    record_id VARCHAR NOT NULL,
    company_id VARCHAR,
    name VARCHAR,
    known BOOLEAN,
    vendor VARCHAR,
    developer VARCHAR,
    payers VARCHAR[],
    payees VARCHAR[],
    parties VARCHAR[]
);
