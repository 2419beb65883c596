-- Who is told of alliances, and what each was told.

-- One row a subscriber. `target` and `secret_name` name environment variables where a secret is needed.
CREATE TABLE subscribers (
    subscriber_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    secret_name VARCHAR,
    parties VARCHAR[],
    kinds VARCHAR[],
    statuses VARCHAR[],
    min_usd DECIMAL(38,2),
    min_confidence DOUBLE,
    updates BOOLEAN,
    paused BOOLEAN,
    position BIGINT,
    added_at TIMESTAMPTZ NOT NULL
);

-- One row a subscriber and event that it is told of, or an alliance that it is not told of because no filter fits.
CREATE TABLE deliveries (
    delivery_id VARCHAR NOT NULL,
    subscriber_id VARCHAR NOT NULL,
    event_id VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    alliance_id VARCHAR NOT NULL,
    title VARCHAR,
    position BIGINT,
    state VARCHAR NOT NULL,
    body VARCHAR,
    queued_at TIMESTAMPTZ NOT NULL,
    attempts INTEGER,
    next_at TIMESTAMPTZ,
    tried_at TIMESTAMPTZ,
    sent_at TIMESTAMPTZ,
    error VARCHAR
);
