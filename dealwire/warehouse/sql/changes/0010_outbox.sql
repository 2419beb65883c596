-- Events on their way out, what they have told already, and what steps note for the next one.

-- One row an event, made in the transaction that stored the rows it tells of. Sent in the order of `position`.
CREATE TABLE outbox (
    position BIGINT NOT NULL,
    event_id VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    made_at TIMESTAMPTZ NOT NULL,
    payload JSON NOT NULL,
    attempts INTEGER NOT NULL,
    tried_at TIMESTAMPTZ,
    error VARCHAR,
    sent_at TIMESTAMPTZ
);

-- One row a deal that was told of, under the id that it had then. Kept when the deal is gone.
CREATE TABLE told_deals (
    deal_id VARCHAR NOT NULL,
    alliance_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    companies VARCHAR[] NOT NULL,
    article_ids VARCHAR[] NOT NULL,
    told_at TIMESTAMPTZ NOT NULL
);

-- One row an alliance that was told of: `state` is what an update is told by.
CREATE TABLE told_alliances (
    alliance_id VARCHAR NOT NULL,
    state JSON NOT NULL,
    told_at TIMESTAMPTZ NOT NULL
);

-- One row a fact that a step leaves for the next one.
CREATE TABLE step_notes (
    name VARCHAR NOT NULL,
    value VARCHAR,
    noted_at TIMESTAMPTZ NOT NULL
);

-- What is known already is no news. An alliance's state is taken down when it is next linked.
INSERT INTO told_deals
SELECT
    deals.deal_id,
    deals.alliance_id,
    deals.kind,
    list_sort(list_distinct(coalesce(payers, []) || coalesce(payees, []) || coalesce(parties, []))),
    coalesce(told.article_ids, []),
    now()
FROM deals
LEFT JOIN (
    SELECT deal_id, list_sort(list(DISTINCT article_id)) AS article_ids FROM deal_sources GROUP BY deal_id
) AS told ON told.deal_id = deals.deal_id;
