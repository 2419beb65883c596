-- The first tables. No keys, checks, sequences or enums: the same text runs on DuckLake. Ids are made in Python.

-- One row a feed that is or was polled.
CREATE TABLE feeds (
    feed_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    title VARCHAR,
    site_url VARCHAR,
    added_at TIMESTAMPTZ NOT NULL,
    paused BOOLEAN,
    etag VARCHAR,
    last_modified VARCHAR,
    body_hash VARCHAR,
    last_polled_at TIMESTAMPTZ,
    last_ok_at TIMESTAMPTZ,
    next_due_at TIMESTAMPTZ,
    failures INTEGER,
    last_error VARCHAR
);

-- One row a visit to a feed.
CREATE TABLE polls (
    feed_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    polled_at TIMESTAMPTZ NOT NULL,
    status VARCHAR NOT NULL,
    http_status INTEGER,
    entries INTEGER,
    new INTEGER,
    bytes BIGINT,
    seconds DOUBLE,
    error VARCHAR
);

-- One row an item of a feed, once however often the feed lists it.
CREATE TABLE entries (
    entry_id VARCHAR NOT NULL,
    feed_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    guid VARCHAR,
    url VARCHAR NOT NULL,
    title VARCHAR,
    published_at TIMESTAMPTZ,
    first_seen_at TIMESTAMPTZ NOT NULL
);

-- One row a story at one address. `text` is the title, a blank line, then the body.
CREATE TABLE articles (
    article_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    site VARCHAR NOT NULL,
    feed_id VARCHAR,
    title VARCHAR,
    text VARCHAR,
    feed_text VARCHAR,
    author VARCHAR,
    language VARCHAR,
    published_at TIMESTAMPTZ,
    first_seen_at TIMESTAMPTZ NOT NULL,
    read_status VARCHAR NOT NULL,
    read_attempts INTEGER,
    read_error VARCHAR,
    read_at TIMESTAMPTZ,
    text_hash VARCHAR
);

-- One row an article and extractor: which version has read which text, and how it went.
CREATE TABLE extractions (
    article_id VARCHAR NOT NULL,
    extractor VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    text_hash VARCHAR,
    status VARCHAR NOT NULL,
    error VARCHAR,
    records INTEGER,
    seconds DOUBLE,
    extracted_at TIMESTAMPTZ NOT NULL
);

-- One row a company, from the catalogue or discovered in an article.
CREATE TABLE companies (
    company_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    kind VARCHAR,
    country VARCHAR,
    ticker VARCHAR,
    wikidata VARCHAR,
    parent VARCHAR,
    aliases VARCHAR[],
    known BOOLEAN,
    first_seen TIMESTAMPTZ,
    last_seen TIMESTAMPTZ
);

-- One row a chip, chip family or system named after one.
CREATE TABLE chips (
    chip_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    vendor VARCHAR,
    family VARCHAR,
    known BOOLEAN,
    first_seen TIMESTAMPTZ,
    last_seen TIMESTAMPTZ
);

-- One row an AI model or model family.
CREATE TABLE models (
    model_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    developer VARCHAR,
    family VARCHAR,
    known BOOLEAN,
    first_seen TIMESTAMPTZ,
    last_seen TIMESTAMPTZ
);

-- One row a commitment, however many articles tell of it.
CREATE TABLE deals (
    deal_id VARCHAR NOT NULL,
    alliance_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    payers VARCHAR[],
    payees VARCHAR[],
    parties VARCHAR[],
    currency VARCHAR,
    amount_min DECIMAL(38,2),
    amount_max DECIMAL(38,2),
    usd_min DECIMAL(38,2),
    usd_max DECIMAL(38,2),
    capacity_mw_min DOUBLE,
    capacity_mw_max DOUBLE,
    amounts_disagree BOOLEAN,
    announced_on DATE NOT NULL,
    sources INTEGER,
    articles INTEGER,
    confidence DOUBLE
);

-- One row a claim that a deal rests on.
CREATE TABLE deal_sources (
    deal_id VARCHAR NOT NULL,
    claim_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    best BOOLEAN
);

-- One row a status of a deal, with the day it was first told.
CREATE TABLE deal_history (
    deal_id VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    since DATE NOT NULL,
    claim_id VARCHAR NOT NULL
);

-- One row a set of deals that one announcement ties together.
CREATE TABLE alliances (
    alliance_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    parties VARCHAR[],
    announced_on DATE NOT NULL,
    deals INTEGER,
    sources INTEGER,
    usd_max DECIMAL(38,2)
);

-- One row a currency and day: the value of one unit in US dollars from that day on.
CREATE TABLE currency_rates (
    currency VARCHAR NOT NULL,
    day DATE NOT NULL,
    usd DOUBLE NOT NULL
);
