-- Extractors of the user's own: what the warehouse knows of them.

-- One row an extractor whose records have a table here. `record` holds the columns of its record class, as JSON.
CREATE TABLE extractors (
    extractor VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    table_name VARCHAR NOT NULL,
    label VARCHAR,
    record VARCHAR NOT NULL,
    place VARCHAR,
    registered_at TIMESTAMPTZ NOT NULL,
    removed_at TIMESTAMPTZ
);
