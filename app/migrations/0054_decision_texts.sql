-- What a decision tells, once for each content: the row of a decision names the SHA-256 of its record. Whoever reads only
-- outcomes reads no records, and a record that was changed is no longer that of its hash.

CREATE TABLE decision_text (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  record text NOT NULL,
  tier text GENERATED ALWAYS AS (record::jsonb #>> '{derived,tier}') STORED,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, hash)
);
SELECT tenant_table('decision_text', 'SELECT, INSERT');

-- the owner is under row-level security as well: for these statements it is not, because they copy within each brand
ALTER TABLE decision NO FORCE ROW LEVEL SECURITY;
ALTER TABLE decision_text NO FORCE ROW LEVEL SECURITY;
ALTER TABLE decision ADD COLUMN record_hash text;
UPDATE decision SET record_hash = encode(sha256(convert_to(record, 'UTF8')), 'hex');
INSERT INTO decision_text (brand_id, id, hash, record, created_at)
  SELECT DISTINCT ON (brand_id, record_hash) brand_id, gen_random_uuid(), record_hash, record, created_at
  FROM decision ORDER BY brand_id, record_hash, created_at;
ALTER TABLE decision FORCE ROW LEVEL SECURITY;
ALTER TABLE decision_text FORCE ROW LEVEL SECURITY;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON decision_text
  FOR EACH ROW EXECUTE FUNCTION never_changed();

ALTER TABLE decision
  ALTER COLUMN record_hash SET NOT NULL,
  DROP COLUMN record,
  ADD FOREIGN KEY (brand_id, record_hash) REFERENCES decision_text (brand_id, hash);

-- each of these stood beside one of the same columns
DROP INDEX customer_brand_id_aadhaar_hash_idx;
DROP INDEX user_bank_account_brand_id_account_hash_idx;
DROP INDEX payment_collection_transaction_brand_id_received_on_idx;
