-- One row a place where an article names a company, money, a chip, an AI model or capacity.
CREATE OR REPLACE VIEW mentions AS
WITH every_label AS (
    SELECT record_id, article_id, 'COMPANY' AS label, start_char, end_char, name AS entity, company_id AS entity_id,
        NULL::VARCHAR AS currency, NULL::DECIMAL(38,2) AS amount_min, NULL::DECIMAL(38,2) AS amount_max,
        NULL::DOUBLE AS mw_min, NULL::DOUBLE AS mw_max, NULL::BIGINT AS units_min, NULL::BIGINT AS units_max
    FROM company_mentions
    UNION ALL BY NAME
    SELECT record_id, article_id, 'CHIP' AS label, start_char, end_char, name AS entity, chip_id AS entity_id
    FROM chip_mentions
    UNION ALL BY NAME
    SELECT record_id, article_id, 'MODEL' AS label, start_char, end_char, name AS entity, model_id AS entity_id
    FROM model_mentions
    UNION ALL BY NAME
    SELECT record_id, article_id, 'MONEY' AS label, start_char, end_char, currency, amount_min, amount_max
    FROM money_mentions
    UNION ALL BY NAME
    SELECT record_id, article_id, 'CAPACITY' AS label, start_char, end_char, mw_min, mw_max, units_min, units_max
    FROM capacity_mentions
)
SELECT
    every_label.article_id,
    label,
    start_char,
    end_char,
    substring(articles.text, start_char + 1, end_char - start_char) AS text,
    entity,
    entity_id,
    currency,
    amount_min,
    amount_max,
    mw_min,
    mw_max,
    units_min,
    units_max,
    articles.published_at,
    articles.site,
    record_id
FROM every_label
JOIN articles ON articles.article_id = every_label.article_id;
