-- Data keys: what personal data of a brand is encrypted with, each wrapped by a master key from outside of the database.

-- The service changes how a key is wrapped, never which key it is, and removes none: what it encrypted may be in a
-- backup. No reference to brand: a brand's first key is made in a transaction of its own, perhaps before the brand's.
CREATE TABLE data_key (
  brand_id text NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  wrapped text NOT NULL,
  master_key_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, number)
);
SELECT tenant_table('data_key', 'SELECT, INSERT, UPDATE (wrapped, master_key_id)');

-- More to search by. Rows from before get theirs from the background pass of `los keys`.
ALTER TABLE customer ADD COLUMN email_hash text;
CREATE INDEX ON customer (brand_id, email_hash) WHERE email_hash IS NOT NULL;
ALTER TABLE user_bank_account ADD COLUMN number_hash text;
CREATE INDEX ON user_bank_account (brand_id, number_hash) WHERE number_hash IS NOT NULL;

-- Who saw how much personal data in the last hour is asked before each reveal.
CREATE INDEX ON audit_event (brand_id, actor_id, created_at) WHERE action = 'personal_data.revealed';
