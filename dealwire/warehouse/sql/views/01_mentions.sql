-- One row a place where an article names a company, money, a chip, an AI model or compute capacity, and of custom
-- extractors with a label what they found.
-- article_id: The article; see `articles`.
-- label: COMPANY, MONEY, CHIP, MODEL or CAPACITY, or the label of a custom extractor.
-- start_char: First code point of the mention in `articles.text`, counted from 0.
-- end_char: One past its last code point.
-- text: The mention as printed.
-- entity: Canonical name of the company, chip or model; null for money and capacity; of custom records their `name`.
-- entity_id: Its id in `companies`, `chips` or `models`.
-- currency: ISO 4217, money only.
-- amount_min: Least amount in whole units of `currency`; null: no lower bound stated.
-- amount_max: Greatest amount in whole units of `currency`; null: no upper bound stated.
-- mw_min: Least megawatts, capacity only.
-- mw_max: Greatest megawatts, capacity only.
-- units_min: Least number of chips, capacity only.
-- units_max: Greatest number of chips, capacity only.
-- published_at: When the article was published, as printed.
-- site: Host of the article.
-- record_id: Id of the row in the label's own table.
-- extractor: Which extractor found it.
-- version: In which version.
CREATE OR REPLACE VIEW mentions AS
WITH every_label AS (
    SELECT record_id, article_id, extractor, version, 'COMPANY' AS label, start_char, end_char, name AS entity,
        company_id AS entity_id, NULL::VARCHAR AS currency, NULL::DECIMAL(38,2) AS amount_min,
        NULL::DECIMAL(38,2) AS amount_max, NULL::DOUBLE AS mw_min, NULL::DOUBLE AS mw_max, NULL::BIGINT AS units_min,
        NULL::BIGINT AS units_max
    FROM company_mentions
    UNION ALL BY NAME
    SELECT record_id, article_id, extractor, version, 'CHIP' AS label, start_char, end_char, name AS entity,
        chip_id AS entity_id
    FROM chip_mentions
    UNION ALL BY NAME
    SELECT record_id, article_id, extractor, version, 'MODEL' AS label, start_char, end_char, name AS entity,
        model_id AS entity_id
    FROM model_mentions
    UNION ALL BY NAME
    SELECT record_id, article_id, extractor, version, 'MONEY' AS label, start_char, end_char, currency, amount_min,
        amount_max
    FROM money_mentions
    UNION ALL BY NAME
    SELECT record_id, article_id, extractor, version, 'CAPACITY' AS label, start_char, end_char, mw_min, mw_max,
        units_min, units_max
    FROM capacity_mentions
    -- custom extractors
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
    record_id,
    extractor,
    version
FROM every_label
JOIN articles ON articles.article_id = every_label.article_id;
