-- Documents in versions and languages, what a customer accepted before signing, and leave to debit an account.

ALTER TABLE customer ADD COLUMN preferred_language text CHECK (preferred_language IN ('en', 'hi'));

-- Of documents that we make: `number` is printed on it, `check_code` is over what it says.
ALTER TABLE document
  ADD COLUMN version integer CHECK (version > 0),
  ADD COLUMN language text,
  ADD COLUMN number text,
  ADD COLUMN check_code text;
CREATE UNIQUE INDEX document_version ON document (brand_id, loan_id, kind, version) WHERE version IS NOT NULL;

-- The customer has read the Key Fact Statement and takes it. Nothing is signed or paid out without.
CREATE TABLE kfs_acceptance (
  id uuid NOT NULL,
  brand_id text NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  document_id uuid NOT NULL,
  version integer NOT NULL,
  check_code text NOT NULL,
  ip text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, document_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, document_id) REFERENCES document (brand_id, id)
);
CREATE INDEX kfs_acceptance_loan ON kfs_acceptance (brand_id, loan_id);
CREATE INDEX kfs_acceptance_customer ON kfs_acceptance (brand_id, customer_id);
SELECT tenant_table('kfs_acceptance', 'SELECT, INSERT');

-- One agreement out at a time; what was sent before this had three days.
ALTER TABLE esign_request
  ADD COLUMN expires_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN kfs_acceptance_id uuid,
  ADD FOREIGN KEY (brand_id, kfs_acceptance_id) REFERENCES kfs_acceptance (brand_id, id);
UPDATE esign_request SET expires_at = created_at + interval '3 days';
ALTER TABLE esign_request ALTER COLUMN expires_at DROP DEFAULT;
CREATE UNIQUE INDEX esign_request_out ON esign_request (brand_id, loan_id) WHERE status = 'SENT';

-- Leave to debit the customer's account: e-mandate (NACH) or UPI AutoPay. Debits are no part of it.
CREATE TABLE mandate (
  id uuid NOT NULL,
  brand_id text NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  status text NOT NULL
    CHECK (status IN ('CREATED', 'AUTHENTICATED', 'ACTIVE', 'PAUSED', 'REJECTED', 'CANCELLED', 'EXPIRED')),
  provider text NOT NULL,
  method text NOT NULL CHECK (method IN ('emandate', 'upi')),
  amount_max numeric(14, 2) NOT NULL CHECK (amount_max > 0),
  valid_until date NOT NULL,
  open_until timestamptz NOT NULL,
  provider_request_id text NOT NULL,
  provider_customer_id text,
  provider_mandate_id text,
  provider_order_id text,
  url text,
  checkout_key text,
  umrn_enc text,
  umrn_hash text,
  failure_reason text,
  active_at timestamptz,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, provider, provider_request_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE UNIQUE INDEX mandate_live ON mandate (brand_id, loan_id)
  WHERE status IN ('CREATED', 'AUTHENTICATED', 'ACTIVE', 'PAUSED');
CREATE INDEX mandate_of_provider ON mandate (brand_id, provider, provider_mandate_id);
CREATE INDEX mandate_customer ON mandate (brand_id, customer_id);
SELECT tenant_table('mandate');

-- A loan that is paid out without a mandate although the brand asks for one: who said so, and why.
CREATE TABLE mandate_waiver (
  id uuid NOT NULL,
  brand_id text NOT NULL,
  loan_id uuid NOT NULL,
  reason text NOT NULL,
  waived_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
SELECT tenant_table('mandate_waiver', 'SELECT, INSERT');
