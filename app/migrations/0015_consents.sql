-- The consent ledger: the words that were shown, where and until when a consent was given, and withdrawals.

CREATE TABLE consent_text (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  purpose text NOT NULL,
  version text NOT NULL,
  language text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, hash)
);
SELECT tenant_table('consent_text', 'SELECT, INSERT');

-- What was given before the texts were kept has no hash.
ALTER TABLE consent
  ADD COLUMN text_hash text,
  ADD COLUMN language text NOT NULL DEFAULT 'en',
  ADD COLUMN channel text NOT NULL DEFAULT 'APP',
  ADD COLUMN device text,
  ADD COLUMN evidence jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN expires_at timestamptz,
  ADD FOREIGN KEY (brand_id, text_hash) REFERENCES consent_text (brand_id, hash);
CREATE INDEX ON consent (brand_id, customer_id, purpose, id);

CREATE TABLE consent_withdrawal (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  consent_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  channel text NOT NULL,
  ip text,
  device text,
  evidence jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, consent_id),
  FOREIGN KEY (brand_id, consent_id) REFERENCES consent (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('consent_withdrawal', 'SELECT, INSERT');

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['consent_text', 'consent', 'consent_withdrawal'] LOOP
    EXECUTE format('CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON %I
                    FOR EACH ROW EXECUTE FUNCTION never_changed()', name);
  END LOOP;
END $$;
