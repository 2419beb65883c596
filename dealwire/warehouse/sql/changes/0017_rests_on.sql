-- What an extractor's records of an article were made from: its new version makes them stale, too.

-- Names and versions of the extractors that were required, such as `companies 2, money 2`; null where none is.
ALTER TABLE extractions ADD COLUMN rests_on VARCHAR;
