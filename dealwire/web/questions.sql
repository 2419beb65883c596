-- The newest alliances, with their legs
SELECT announced_on, title, legs, sources
FROM alliance_overview
ORDER BY announced_on DESC, usd_max DESC NULLS LAST
LIMIT 20;

-- What one company pays and receives
SELECT announced_on, payer, payee, kind, status, currency, amount_min, amount_max, capacity_mw
FROM money_flows
WHERE 'OpenAI' IN (payer, payee)
ORDER BY announced_on DESC;

-- The largest deals that are more than talk
SELECT announced_on, kind, payers, payees, usd_min, usd_max, sites
FROM deal_overview
WHERE status = 'announced' AND usd_max >= 1e9
ORDER BY usd_max DESC;

-- Why does dealwire think so? The sentence behind each deal
SELECT kind, payers || payees || parties AS companies, quoted, evidence, best_url
FROM deal_overview
WHERE evidence IS NOT NULL
ORDER BY announced_on DESC;

-- Every claim a deal rests on, source by source
SELECT deals.deal_id, articles.site, deal_claims.amount_min, deal_claims.amount_max,
    substring(articles.text, start_char + 1, end_char - start_char) AS sentence, deal_claims.confidence
FROM deals
JOIN deal_sources USING (deal_id)
JOIN deal_claims ON deal_claims.record_id = deal_sources.claim_id
JOIN articles ON articles.article_id = deal_claims.article_id
ORDER BY deals.announced_on DESC, deals.deal_id, articles.site;

-- Deals that more than one outlet tells
SELECT announced_on, kind, payers, payees, sources, sites, first_source
FROM deal_overview
WHERE sources > 1
ORDER BY sources DESC;

-- Who pays most, in US dollars
SELECT payer, count(*) AS deals, sum(coalesce(usd_max, usd_min)) AS usd
FROM money_flows
WHERE status = 'announced'
GROUP BY payer
ORDER BY usd DESC NULLS LAST;

-- Rounds that several companies share, each round once
SELECT deal_id, any_value(payee) AS company, list(payer ORDER BY payer) AS investors,
    any_value(currency) AS currency, any_value(round_amount_max) AS total
FROM money_flows
WHERE kind = 'investment' AND round_amount_max IS NOT NULL
GROUP BY deal_id
ORDER BY total DESC;

-- Money that comes back: loops and cycles
SELECT array_to_string(companies, ' → ') AS circle, flows, usd, round(score, 2) AS score
FROM circular_flows
ORDER BY score DESC;

-- The companies at the centre of the circles
SELECT company, loops, cycles, round(hub_score, 2) AS hub_score
FROM circular_hubs
ORDER BY hub_score DESC;

-- Deals by month and kind
SELECT date_trunc('month', announced_on) AS month, kind, count(*) AS deals, sum(coalesce(usd_max, usd_min)) AS usd
FROM deal_overview
GROUP BY month, kind
ORDER BY month, kind;

-- Compute that was promised, in megawatts
SELECT payer, payee, sum(capacity_mw) AS megawatts, list(DISTINCT deal_id) AS deals
FROM money_flows
WHERE capacity_mw IS NOT NULL
GROUP BY payer, payee
ORDER BY megawatts DESC;

-- Which chips are named beside which companies
SELECT chip.entity AS chip, company.entity AS company, count(DISTINCT article_id) AS articles
FROM mentions AS chip
JOIN mentions AS company USING (article_id)
WHERE chip.label = 'CHIP' AND company.label = 'COMPANY'
GROUP BY ALL
ORDER BY articles DESC, chip, company;

-- The AI models in the news, and who makes them
SELECT models.name, models.developer, count(*) AS mentions, models.last_seen
FROM model_mentions
JOIN models USING (model_id)
GROUP BY ALL
ORDER BY mentions DESC;

-- Companies that were not in the catalogue
SELECT name, first_seen, last_seen
FROM companies
WHERE NOT known
ORDER BY first_seen DESC;

-- How long talks took: the history of a deal's status
SELECT deal_id, list(status || ' since ' || since ORDER BY since) AS history
FROM deal_history
GROUP BY deal_id
HAVING count(*) > 1;

-- Every amount of money as printed and as read
SELECT text, currency, amount_min, amount_max, site
FROM mentions
WHERE label = 'MONEY'
ORDER BY coalesce(amount_max, amount_min) DESC;

-- Which feeds need a look
SELECT title, url, health, recent, next_due_at
FROM feed_health
WHERE health <> 'healthy';

-- What could not be extracted, and why
SELECT extractor, version, error, count(*) AS articles
FROM extractions
WHERE status = 'failed'
GROUP BY ALL
ORDER BY articles DESC;
