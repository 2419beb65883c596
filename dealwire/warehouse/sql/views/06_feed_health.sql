-- One row a feed: how its last polls went, in words.
CREATE OR REPLACE VIEW feed_health AS
WITH visits AS (
    SELECT feed_id, count(*) AS polls, count(*) FILTER (status NOT IN ('ok', 'not_modified')) AS failed_polls,
        avg(seconds) AS seconds
    FROM polls
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
        WHEN feeds.failures > 0 AND feeds.last_ok_at IS NULL THEN 'has never answered: ' || feeds.last_error
        WHEN feeds.failures > 0 THEN
            'failing since ' || strftime(feeds.last_ok_at, '%Y-%m-%d %H:%M') || ' UTC (' || feeds.failures || ' polls): '
            || feeds.last_error
        WHEN listed.entries IS NULL THEN 'answers, but lists nothing'
        ELSE 'healthy'
    END AS health,
    feeds.failures,
    feeds.last_polled_at,
    feeds.last_ok_at,
    feeds.next_due_at,
    coalesce(visits.polls, 0) AS polls,
    coalesce(visits.failed_polls, 0) AS failed_polls,
    visits.seconds AS mean_seconds,
    coalesce(listed.entries, 0) AS entries,
    listed.last_new_at
FROM feeds
LEFT JOIN visits USING (feed_id)
LEFT JOIN listed USING (feed_id);
