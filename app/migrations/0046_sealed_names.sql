-- Names of people and of their employers are sealed as phones are, and names are found by keyed hashes of their words.
-- SQL cannot encrypt: the columns in clear go once `app.core.plain` has sealed what is in them.

ALTER TABLE customer
  ADD COLUMN name_enc text,
  ADD COLUMN name_hash text[] NOT NULL DEFAULT '{}',
  ADD COLUMN aadhaar_name_enc text,
  ADD COLUMN employer_name_enc text;
-- row-level security lets no index answer whether arrays overlap; this one is read instead of the rows
CREATE INDEX customer_names ON customer (brand_id) INCLUDE (name_hash, id);
ALTER TABLE lead_form
  ADD COLUMN name_enc text,
  ADD COLUMN name_hash text[] NOT NULL DEFAULT '{}';
ALTER TABLE user_bank_account ADD COLUMN holder_name_enc text;
ALTER TABLE user_vpa ADD COLUMN holder_name_enc text;
ALTER TABLE employment ADD COLUMN employer_name_enc text;
ALTER TABLE bank_account_statement ADD COLUMN holder_name_enc text;
ALTER TABLE customer_device ADD COLUMN name_enc text;
-- what staff search by is a name or a phone, and an answer that is kept may show some
ALTER TABLE saved_view
  ADD COLUMN filters_enc text, ALTER COLUMN filters DROP NOT NULL, ALTER COLUMN filters DROP DEFAULT;
ALTER TABLE campaign
  ADD COLUMN filters_enc text, ALTER COLUMN filters DROP NOT NULL, ALTER COLUMN filters DROP DEFAULT;
ALTER TABLE idempotency_key ADD COLUMN response_enc text, ALTER COLUMN response DROP NOT NULL;

-- nothing is sorted by what is sealed
ALTER TABLE saved_view NO FORCE ROW LEVEL SECURITY;
UPDATE saved_view SET sort = NULL WHERE sort IN ('name', '-name');
ALTER TABLE saved_view FORCE ROW LEVEL SECURITY;
