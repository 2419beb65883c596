-- One row two alliances of which the earlier has two companies or more in common with the later.
-- alliance_id: The later alliance.
-- related_id: The earlier one.
-- related_title: Its title.
-- related_on: Day of its first claim, UTC.
-- shared: The companies in both, in alphabetical order.
CREATE OR REPLACE VIEW related_alliances AS
WITH named AS (
    SELECT alliance_id, announced_on, unnest(parties) AS party FROM alliances
)
SELECT
    later.alliance_id,
    earlier.alliance_id AS related_id,
    alliances.title AS related_title,
    alliances.announced_on AS related_on,
    list_sort(list(DISTINCT later.party)) AS shared
FROM named AS later
JOIN named AS earlier
    ON earlier.party = later.party
    AND (earlier.announced_on, earlier.alliance_id) < (later.announced_on, later.alliance_id)
JOIN alliances ON alliances.alliance_id = earlier.alliance_id
GROUP BY later.alliance_id, earlier.alliance_id, alliances.title, alliances.announced_on
HAVING count(DISTINCT later.party) > 1;
