-- The way in: what customers say of themselves, how long an answer is good, DigiLocker, and documents that wait.

ALTER TABLE customer
  ADD COLUMN alternate_phone_enc text,
  ADD COLUMN current_address_enc text,
  ADD COLUMN employer_name text,
  ADD COLUMN designation text,
  ADD COLUMN office_email_enc text,
  ADD COLUMN salary_day integer CHECK (salary_day BETWEEN 1 AND 31),
  -- of the last four digits, name and date of birth: compares Aadhaars whose number nobody told us
  ADD COLUMN identity_hash text;
CREATE INDEX customer_identity ON customer (brand_id, identity_hash) WHERE identity_hash IS NOT NULL;

CREATE TABLE customer_reference (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  name_enc text NOT NULL,
  relation text NOT NULL,
  phone_enc text NOT NULL,
  phone_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, customer_id, phone_hash),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('customer_reference', 'SELECT, INSERT, UPDATE, DELETE');

ALTER TABLE kyc_check
  ADD COLUMN consent_id uuid,
  -- who was asked before the one that answered, and what became of that: [{"provider", "outcome"}]
  ADD COLUMN tried jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN refresh_reason text,
  -- a newer answer, which staff asked for, counts in its place
  ADD COLUMN superseded boolean NOT NULL DEFAULT false,
  ADD FOREIGN KEY (brand_id, consent_id) REFERENCES consent (brand_id, id);

ALTER TABLE employment ADD COLUMN superseded boolean NOT NULL DEFAULT false;

CREATE TABLE aadhaar_digi_locker_log (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  check_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('STARTED', 'DENIED', 'FAILED', 'FETCHED')),
  state_hash text NOT NULL,
  code_verifier_enc text,
  account_enc text,
  documents jsonb NOT NULL DEFAULT '[]',
  reason text,
  finished_at timestamptz,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, state_hash),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, check_id) REFERENCES kyc_check (brand_id, id)
);
CREATE INDEX aadhaar_digi_locker_log_customer ON aadhaar_digi_locker_log (brand_id, customer_id);
SELECT tenant_table('aadhaar_digi_locker_log');

ALTER TABLE document
  ADD COLUMN source text NOT NULL DEFAULT 'CUSTOMER'
    CHECK (source IN ('CUSTOMER', 'AADHAAR_OTP', 'DIGILOCKER', 'STAFF', 'OURS')),
  ADD COLUMN claimed_by text,
  ADD COLUMN claimed_at timestamptz;
CREATE INDEX document_review ON document (brand_id, created_at) WHERE status = 'PENDING';
