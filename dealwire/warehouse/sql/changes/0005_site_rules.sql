-- What sites' robots.txt said, so that it is not asked for at every run.

-- One row a site whose robots.txt was read. `rules` is null where there is none.
CREATE TABLE site_rules (
    site VARCHAR NOT NULL,
    rules VARCHAR,
    fetched_at TIMESTAMPTZ NOT NULL,
    fresh_until TIMESTAMPTZ NOT NULL
);
