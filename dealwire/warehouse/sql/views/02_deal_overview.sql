-- One row a deal, with the sentence that tells it best and where it stands.
CREATE OR REPLACE VIEW deal_overview AS
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
    deals.amounts_disagree,
    deals.sources,
    deals.articles,
    deals.confidence,
    articles.site AS best_source,
    articles.url AS best_url,
    articles.title AS best_title,
    substring(articles.text, deal_claims.start_char + 1, deal_claims.end_char - deal_claims.start_char) AS evidence
FROM deals
LEFT JOIN deal_sources ON deal_sources.deal_id = deals.deal_id AND deal_sources.best
LEFT JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
LEFT JOIN articles ON articles.article_id = deal_sources.article_id;
