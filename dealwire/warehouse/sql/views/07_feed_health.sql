-- One row a feed: how its last polls went, in words.
-- feed_id: Id of the feed.
-- title: As the feed names itself.
-- url: Address that is polled.
-- state: `healthy`, `failing`, `gone`, `silent`, `odd`, `new` or `paused`.
-- health: One line for people: `healthy`, or what is wrong with it and since when.
-- since: Since when it is in that state; null for healthy, new and paused ones.
-- failures: Failed polls in a row.
-- recent: Status of its last ten polls, newest first.
-- last_polled_at: Last visit.
-- last_ok_at: Last visit that was answered well.
-- next_due_at: Not polled before.
-- every_minutes: Time from its last poll to the next, as learned.
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
), judged AS (
    SELECT
        feeds.*,
        coalesce(listed.entries, 0) AS entries,
        listed.last_new_at,
        CASE
            WHEN paused THEN 'paused'
            WHEN gone_at IS NOT NULL THEN 'gone'
            WHEN last_polled_at IS NULL THEN 'new'
            WHEN failures > 0 THEN 'failing'
            WHEN coalesce(listed.entries, 0) = 0 OR frozen OR moved_seen > 0 THEN 'odd'
            -- Ten times its usual silence, and a week at least.
            WHEN changed_at IS NOT NULL AND gap_seconds IS NOT NULL
                AND epoch(last_polled_at) - epoch(changed_at) > greatest(10 * gap_seconds, 7 * 86400) THEN 'silent'
            ELSE 'healthy'
        END AS state,
        CASE
            WHEN paused THEN NULL
            WHEN gone_at IS NOT NULL THEN gone_at
            WHEN failures > 0 THEN coalesce(failing_since, last_ok_at, added_at)
            WHEN coalesce(listed.entries, 0) = 0 OR frozen OR moved_seen > 0 THEN last_polled_at
            ELSE changed_at
        END AS odd_since
    FROM feeds
    LEFT JOIN listed ON listed.feed_id = feeds.feed_id
), told AS (
    SELECT
        *,
        strftime(odd_since AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M UTC') AS since_text,
        coalesce(last_error, 'no reason given') AS reason
    FROM judged
)
SELECT
    told.feed_id,
    told.title,
    told.url,
    told.state,
    CASE told.state
        WHEN 'paused' THEN concat(
            'paused', CASE WHEN moved_to IS NOT NULL AND moved_seen = 0 THEN
                concat(': it has moved for good to ', moved_to, ', where another feed is polled')
            END
        )
        WHEN 'gone' THEN concat(
            'gone since ', since_text, ': its publisher has taken it away for good (410), it is not polled any more; ',
            '`dealwire feeds poll URL` asks once more'
        )
        WHEN 'new' THEN 'not polled yet'
        WHEN 'failing' THEN CASE
            WHEN last_ok_at IS NULL THEN 'has never answered: ' || reason
            ELSE concat(
                'failing, ', failures, CASE failures WHEN 1 THEN ' poll' ELSE ' polls' END, ' since ', since_text, ': ',
                reason
            )
        END
        WHEN 'odd' THEN concat_ws(
            '; ',
            CASE WHEN told.entries = 0 THEN 'answers, but lists nothing' END,
            CASE WHEN frozen THEN 'its ETag or Last-Modified stands still while it changes, so it is read in full' END,
            CASE WHEN moved_seen > 0 THEN concat('says it has moved for good to ', moved_to, ', seen ', moved_seen,
                CASE moved_seen WHEN 1 THEN ' time' ELSE ' times' END) END
        )
        WHEN 'silent' THEN concat(
            'answers, but has had nothing new since ', since_text, ', where a story every ',
            CASE
                WHEN gap_seconds < 7200 THEN concat(greatest(1, round(gap_seconds / 60)::BIGINT), ' minutes')
                WHEN gap_seconds < 172800 THEN concat(round(gap_seconds / 3600)::BIGINT, ' hours')
                ELSE concat(round(gap_seconds / 86400)::BIGINT, ' days')
            END, ' was usual'
        )
        ELSE 'healthy'
    END AS health,
    CASE WHEN told.state IN ('gone', 'failing', 'silent', 'odd') THEN odd_since END AS since,
    told.failures,
    coalesce(visits.recent, []) AS recent,
    told.last_polled_at,
    told.last_ok_at,
    told.next_due_at,
    round((epoch(told.next_due_at) - epoch(told.last_polled_at)) / 60, 1) AS every_minutes,
    coalesce(visits.polls, 0) AS polls,
    coalesce(visits.failed_polls, 0) AS failed_polls,
    visits.mean_seconds,
    told.entries,
    told.last_new_at
FROM told
LEFT JOIN visits ON visits.feed_id = told.feed_id;
