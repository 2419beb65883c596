-- One row two deals of one kind that share a side each way: what came before, adds to, or is a share of the other.
-- deal_id: The later deal.
-- related_id: The earlier one.
-- relation: `share` (an investor's own sum of a round), `tranche`, `expansion`, both as its sentences say, or `earlier`.
-- days: Days between their announcements.
-- usd_max: Upper, else lower bound of the later deal in US dollars.
-- related_usd_max: The same of the earlier one.
CREATE OR REPLACE VIEW related_deals AS
WITH sided AS (
    SELECT
        *,
        coalesce(usd_max, usd_min) AS usd,
        CASE WHEN len(parties) > 0 THEN list_sort(parties) ELSE payers END AS givers,
        CASE WHEN len(parties) > 0 THEN list_sort(parties) ELSE payees END AS takers
    FROM deals
), told AS (
    SELECT
        deal_sources.deal_id,
        bool_or(
            regexp_matches(
                substring(articles.text, deal_claims.start_char + 1, deal_claims.end_char - deal_claims.start_char),
                '(?i)\b(tranche|instal?lment|(first|second|third|final|next|initial) (phase|portion|closing|stage))'
            )
        ) AS in_tranches,
        bool_or(
            regexp_matches(
                substring(articles.text, deal_claims.start_char + 1, deal_claims.end_char - deal_claims.start_char),
                '(?i)\b(expan(d|sion)|exten(d|sion)|enlarg|deepen|additional|further|top(s|ped)? up|on top of|increas|doubl|renew)'
            )
        ) AS grown
    FROM deal_sources
    JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
    JOIN articles ON articles.article_id = deal_claims.article_id
    GROUP BY deal_sources.deal_id
), pairs AS (
    SELECT DISTINCT later.deal_id, earlier.deal_id AS related_id
    FROM (SELECT *, unnest(givers) AS giver FROM sided) AS later
    JOIN (SELECT *, unnest(givers) AS giver FROM sided) AS earlier
        ON earlier.kind = later.kind
        AND earlier.giver = later.giver
        AND list_has_any(earlier.takers, later.takers)
        AND (earlier.announced_on, earlier.deal_id) < (later.announced_on, later.deal_id)
    WHERE len(later.parties) = 0 OR earlier.givers = later.givers
)
SELECT
    pairs.deal_id,
    pairs.related_id,
    CASE
        WHEN
            later.announced_on - earlier.announced_on <= 30
            AND later.takers = earlier.takers
            AND (
                (
                    list_has_all(earlier.givers, later.givers)
                    AND len(earlier.givers) > len(later.givers)
                    AND earlier.usd >= later.usd
                ) OR (
                    list_has_all(later.givers, earlier.givers)
                    AND len(later.givers) > len(earlier.givers)
                    AND later.usd >= earlier.usd
                )
            )
            THEN 'share'
        WHEN coalesce(told.in_tranches, false) THEN 'tranche'
        WHEN coalesce(told.grown, false) THEN 'expansion'
        ELSE 'earlier'
    END AS relation,
    later.announced_on - earlier.announced_on AS days,
    later.usd AS usd_max,
    earlier.usd AS related_usd_max
FROM pairs
JOIN sided AS later ON later.deal_id = pairs.deal_id
JOIN sided AS earlier ON earlier.deal_id = pairs.related_id
LEFT JOIN told ON told.deal_id = pairs.deal_id;
