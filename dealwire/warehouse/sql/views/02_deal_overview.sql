-- One row a deal, with the sentence that tells it best and where that stands.
-- deal_id: Stable id of the deal.
-- alliance_id: What it was announced with; see `alliance_overview`.
-- announced_on: Day of the first claim, UTC.
-- kind: investment, acquisition, purchase, financing, licensing, joint_venture or partnership.
-- status: planned, announced or ended.
-- payers: Canonical names: investors, acquirer, customer, lender, licensee; empty for undirected kinds.
-- payees: Canonical names of those who receive the money.
-- parties: Canonical names of the sides of a joint venture or partnership.
-- currency: ISO 4217; null if no amount is stated.
-- amount_min: Whole units of `currency`; both bounds equal: exact; null: no lower bound stated (`up to`).
-- amount_max: Whole units of `currency`; null: no upper bound stated (`more than`).
-- usd_min: `amount_min` in US dollars at the rate of `announced_on`.
-- usd_max: `amount_max` in US dollars at the rate of `announced_on`.
-- capacity_mw: Megawatts of compute: upper bound, else lower.
-- capacity_mw_min: Megawatts; null: no lower bound stated.
-- capacity_mw_max: Megawatts; null: no upper bound stated.
-- years: For how long it runs, as stated.
-- stake_percent: Share of the company that is bought, as stated.
-- valuation: Of the company, in whole units of `valuation_currency`, as stated.
-- valuation_currency: ISO 4217.
-- amounts_disagree: True: sources state different amounts; `deal_sources` leads to each.
-- sources: Distinct sites that tell of it.
-- articles: Articles that tell of it.
-- confidence: 0 to 1.
-- first_source: The site that told it first.
-- sites: All sites that tell of it, in alphabetical order.
-- best_source: Site of the article with the evidence.
-- best_url: Its address.
-- best_title: Its title.
-- best_article_id: Its id.
-- quoted: The amount as that article prints it.
-- evidence: The sentence of that article that states the deal.
CREATE OR REPLACE VIEW deal_overview AS
WITH claimed AS (
    SELECT
        deal_sources.deal_id,
        articles.site,
        coalesce(least(articles.published_at, articles.first_seen_at), articles.first_seen_at) AS told_at,
        -- What sorts first is shown.
        (
            NOT coalesce(deal_sources.best, false),
            deal_claims.record_id IS NULL,
            1 - coalesce(deal_claims.confidence, 0),
            told_at,
            deal_sources.claim_id
        ) AS place,
        deal_sources.claim_id,
        articles.article_id
    FROM deal_sources
    JOIN articles ON articles.article_id = deal_sources.article_id
    LEFT JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
)
SELECT
    deals.deal_id,
    deals.alliance_id,
    deals.announced_on,
    deals.kind,
    deals.status,
    deals.payers,
    deals.payees,
    deals.parties,
    deals.currency,
    deals.amount_min,
    deals.amount_max,
    deals.usd_min,
    deals.usd_max,
    coalesce(deals.capacity_mw_max, deals.capacity_mw_min) AS capacity_mw,
    deals.capacity_mw_min,
    deals.capacity_mw_max,
    deals.years,
    deals.stake_percent,
    deals.valuation,
    deals.valuation_currency,
    deals.amounts_disagree,
    deals.sources,
    deals.articles,
    deals.confidence,
    told.first_source,
    told.sites,
    articles.site AS best_source,
    articles.url AS best_url,
    articles.title AS best_title,
    articles.article_id AS best_article_id,
    deal_claims.quoted,
    substring(articles.text, deal_claims.start_char + 1, deal_claims.end_char - deal_claims.start_char) AS evidence
FROM deals
LEFT JOIN LATERAL (
    SELECT
        arg_min(site, (told_at, site)) AS first_source,
        list_sort(list(DISTINCT site)) AS sites,
        arg_min(claim_id, place) AS claim_id,
        arg_min(article_id, place) AS article_id
    FROM claimed
    WHERE claimed.deal_id = deals.deal_id
) AS told ON true
LEFT JOIN deal_claims ON deal_claims.record_id = told.claim_id
LEFT JOIN articles ON articles.article_id = told.article_id;
