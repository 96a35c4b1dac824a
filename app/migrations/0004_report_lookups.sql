-- Reports look up what belongs to a loan or customer row by row: every way must have its index.

CREATE INDEX ON loan (brand_id, customer_id, id);
CREATE INDEX ON loan (brand_id, disbursed_at);
CREATE INDEX ON customer (brand_id, created_at);
CREATE INDEX ON customer (brand_id, aadhaar_hash);
CREATE INDEX ON user_bank_account (brand_id, account_hash);
CREATE INDEX ON employment (brand_id, customer_id);
CREATE INDEX ON payment_collection_transaction (brand_id, loan_id);
CREATE INDEX ON payment_collection_transaction (brand_id, received_on);
