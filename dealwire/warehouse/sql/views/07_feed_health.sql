-- One row a feed: how its last polls went, in words.
-- feed_id: Id of the feed.
-- title: As the feed names itself.
-- url: Address that is polled.
-- health: One line for people: `healthy`, `paused`, `not polled yet`, or since when it fails and why.
-- failures: Failed polls in a row.
-- recent: Status of its last ten polls, newest first.
-- last_polled_at: Last visit.
-- last_ok_at: Last visit that was answered well.
-- next_due_at: Not polled before.
-- polls: Visits.
-- failed_polls: Visits that failed.
-- mean_seconds: Mean duration of a visit.
-- entries: Entries it has listed so far.
-- last_new_at: When it last listed something new.
CREATE OR REPLACE VIEW feed_health AS
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY feed_id ORDER BY polled_at DESC) AS back FROM polls
), visits AS (
    SELECT
        feed_id,
        count(*) AS polls,
        count(*) FILTER (status NOT IN ('ok', 'not_modified')) AS failed_polls,
        avg(seconds) AS mean_seconds,
        list(status ORDER BY back) FILTER (back <= 10) AS recent
    FROM ranked
    GROUP BY feed_id
), listed AS (
    SELECT feed_id, count(*) AS entries, max(first_seen_at) AS last_new_at FROM entries GROUP BY feed_id
)
SELECT
    feeds.feed_id,
    feeds.title,
    feeds.url,
    CASE
        WHEN feeds.paused THEN 'paused'
        WHEN feeds.last_polled_at IS NULL THEN 'not polled yet'
        WHEN feeds.failures > 0 AND feeds.last_ok_at IS NULL
            THEN 'has never answered: ' || coalesce(feeds.last_error, 'no reason given')
        WHEN feeds.failures > 0 THEN concat(
            'failing, ', feeds.failures, CASE feeds.failures WHEN 1 THEN ' poll' ELSE ' polls' END, ' since ',
            strftime(feeds.last_ok_at AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M UTC'), ': ',
            coalesce(feeds.last_error, 'no reason given')
        )
        WHEN coalesce(listed.entries, 0) = 0 THEN 'answers, but lists nothing'
        ELSE 'healthy'
    END AS health,
    feeds.failures,
    coalesce(visits.recent, []) AS recent,
    feeds.last_polled_at,
    feeds.last_ok_at,
    feeds.next_due_at,
    coalesce(visits.polls, 0) AS polls,
    coalesce(visits.failed_polls, 0) AS failed_polls,
    visits.mean_seconds,
    coalesce(listed.entries, 0) AS entries,
    listed.last_new_at
FROM feeds
LEFT JOIN visits ON visits.feed_id = feeds.feed_id
LEFT JOIN listed ON listed.feed_id = feeds.feed_id;
