-- Revisions, addresses and stored pages of articles; folders of feeds; subscriptions with hubs; backfills.

ALTER TABLE feeds ADD COLUMN folder VARCHAR;
ALTER TABLE entries ADD COLUMN told_hash VARCHAR;
ALTER TABLE articles ADD COLUMN withheld VARCHAR;
ALTER TABLE articles ADD COLUMN revision INTEGER;
ALTER TABLE articles ADD COLUMN changed_at TIMESTAMPTZ;
UPDATE articles SET revision = 1;

-- One row an earlier text of an article.
CREATE TABLE article_revisions (
    article_id VARCHAR NOT NULL,
    revision INTEGER NOT NULL,
    title VARCHAR,
    text VARCHAR,
    text_hash VARCHAR,
    author VARCHAR,
    published_at TIMESTAMPTZ,
    read_status VARCHAR,
    read_at TIMESTAMPTZ,
    replaced_at TIMESTAMPTZ NOT NULL
);

-- One row an address whose page names another one as its own.
CREATE TABLE article_addresses (
    address_id VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    found_at TIMESTAMPTZ NOT NULL
);

-- One row a page as it was fetched, kept for a while. `body` is compressed (zstd).
CREATE TABLE pages (
    article_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    content_type VARCHAR,
    fetched_at TIMESTAMPTZ NOT NULL,
    body BLOB NOT NULL
);

-- One row a feed that was looked at for a hub.
CREATE TABLE subscriptions (
    feed_id VARCHAR NOT NULL,
    token VARCHAR NOT NULL,
    hub VARCHAR,
    topic VARCHAR,
    secret VARCHAR,
    state VARCHAR NOT NULL,
    checked_at TIMESTAMPTZ NOT NULL,
    requested_at TIMESTAMPTZ,
    verified_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    last_push_at TIMESTAMPTZ,
    pushes INTEGER,
    error VARCHAR
);

-- One row a source that was or is being filled in from.
CREATE TABLE backfills (
    source VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    position BIGINT,
    done BOOLEAN,
    articles INTEGER,
    skipped INTEGER,
    started_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);
