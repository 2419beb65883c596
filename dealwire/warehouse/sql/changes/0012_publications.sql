-- Where copies for other programs were put.

-- One row a place: the copy that was put there last.
CREATE TABLE publications (
    place VARCHAR NOT NULL,
    form VARCHAR NOT NULL,
    fingerprint VARCHAR,
    published_at TIMESTAMPTZ,
    tables INTEGER,
    rows BIGINT,
    bytes BIGINT,
    seconds DOUBLE,
    error VARCHAR
);
