-- Of which deal each claim was, so that it is compared again only with deals that are not as they were.

ALTER TABLE linked_claims ADD COLUMN first_claim_id VARCHAR;
