-- Evidence: what a bureau report says at a glance; sessions of bank data, the end of a consent, and data that goes
-- with it.

ALTER TABLE bureau_report
  ADD COLUMN status text NOT NULL DEFAULT 'READ' CHECK (status IN ('READ', 'UNREADABLE')),
  ADD COLUMN reason text,
  ADD COLUMN outcome text CHECK (outcome IN ('SCORED', 'THIN_FILE', 'NO_HIT')),
  ADD COLUMN pulled_on date,
  ADD COLUMN control_number text,
  ADD COLUMN summary jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN repull_remark text;
CREATE INDEX ON bureau_report (brand_id, customer_id, id);

-- `terms` is the consent as it was asked for; `consent_expires_at` what the customer agreed to.
ALTER TABLE aa_consent_request
  ADD COLUMN template text NOT NULL DEFAULT 'UNDERWRITING',
  ADD COLUMN terms jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN consent_expires_at timestamptz;
CREATE INDEX ON aa_consent_request (brand_id, status);

-- One collection of data under a consent: which accounts were asked for and what became of each.
CREATE TABLE aa_session (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  consent_request_id uuid NOT NULL,
  session_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('REQUESTED', 'DELIVERED', 'PARTIAL', 'FAILED')),
  key_material_enc text,
  accounts jsonb NOT NULL DEFAULT '[]',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, session_id),
  FOREIGN KEY (brand_id, consent_request_id) REFERENCES aa_consent_request (brand_id, id)
);
CREATE INDEX ON aa_session (brand_id, consent_request_id, id);
SELECT tenant_table('aa_session');

-- The owner is under row-level security as well: for this one statement it is not, because it copies within each
-- brand.
ALTER TABLE aa_consent_request NO FORCE ROW LEVEL SECURITY;
ALTER TABLE aa_session NO FORCE ROW LEVEL SECURITY;
INSERT INTO aa_session (brand_id, id, consent_request_id, session_id, status, key_material_enc)
  SELECT brand_id, gen_random_uuid(), id, session_id,
         CASE WHEN key_material_enc IS NULL THEN 'DELIVERED' ELSE 'REQUESTED' END, key_material_enc
  FROM aa_consent_request WHERE session_id IS NOT NULL;
ALTER TABLE aa_consent_request FORCE ROW LEVEL SECURITY;
ALTER TABLE aa_session FORCE ROW LEVEL SECURITY;
ALTER TABLE aa_consent_request DROP COLUMN session_id, DROP COLUMN key_material_enc;

-- `missing` are the accounts that could not be had; after `delete_after` nothing of the data may be left.
ALTER TABLE bda_report
  ADD COLUMN aa_session_id uuid,
  ADD COLUMN missing jsonb,
  ADD COLUMN delete_after timestamptz,
  DROP CONSTRAINT bda_report_status_check,
  ADD CONSTRAINT bda_report_status_check CHECK (status IN ('PROCESSING', 'READY', 'FAILED', 'DELETED')),
  ADD FOREIGN KEY (brand_id, aa_session_id) REFERENCES aa_session (brand_id, id);
CREATE UNIQUE INDEX ON bda_report (brand_id, aa_session_id);
CREATE INDEX ON bda_report (brand_id, delete_after) WHERE delete_after IS NOT NULL;
