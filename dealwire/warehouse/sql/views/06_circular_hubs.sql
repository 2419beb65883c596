-- One row a company that lies on a loop or cycle of `circular_flows`.
-- company: Canonical name.
-- loops: Loops of two through it.
-- cycles: Cycles of three to five through it.
-- hub_score: Sum of the scores of those loops and cycles.
CREATE OR REPLACE VIEW circular_hubs AS
SELECT
    company,
    count(*) FILTER (size = 2) AS loops,
    count(*) FILTER (size > 2) AS cycles,
    sum(score) AS hub_score
FROM (SELECT unnest(companies) AS company, size, score FROM circular_flows)
GROUP BY company;
