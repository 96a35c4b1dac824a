-- The lending domains: customer, KYC, bank data, bureau, loan, decision, CAM, agreement, money, messages.
-- Foreign keys are composite (brand_id, id): a row can never point at another brand's row.
-- Columns whose name ends in _enc hold ciphertext; those that end in _hash a keyed hash to search by.

CREATE TABLE customer (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  customer_no text NOT NULL,
  phone_enc text NOT NULL,
  phone_hash text NOT NULL,
  email_enc text,
  name text,
  gender text,
  dob_enc text,
  pan_enc text,
  pan_hash text,
  aadhaar_last4 text,
  aadhaar_hash text,
  aadhaar_name text,
  address_enc text,
  declared_monthly_salary numeric(14, 2),
  salary_mode text,
  employment_type text,
  utm jsonb NOT NULL DEFAULT '{}',
  is_active boolean NOT NULL DEFAULT true,
  is_blacklisted boolean NOT NULL DEFAULT false,
  registered_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, phone_hash),
  UNIQUE (brand_id, customer_no)
);
CREATE UNIQUE INDEX one_pan_per_brand ON customer (brand_id, pan_hash) WHERE pan_hash IS NOT NULL;
SELECT tenant_table('customer');

CREATE TABLE otp_verification (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  code_hash text NOT NULL,
  expires_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  used_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX ON otp_verification (brand_id, customer_id);
SELECT tenant_table('otp_verification');

CREATE TABLE user_login_token (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  refresh_hash text NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('user_login_token');

CREATE TABLE consent (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  purpose text NOT NULL,
  text_version text NOT NULL,
  ip text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('consent', 'SELECT, INSERT');

-- One attempt at one check (PAN, Aadhaar, penny drop, employment): kept whether it succeeded or not.
CREATE TABLE kyc_check (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'VERIFIED', 'REJECTED')),
  provider text NOT NULL,
  result_enc text,
  reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX ON kyc_check (brand_id, customer_id, kind);
SELECT tenant_table('kyc_check');

CREATE TABLE document (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid,
  kind text NOT NULL,
  s3_key text NOT NULL,
  sha256 text NOT NULL,
  content_type text NOT NULL,
  size_bytes integer NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'VERIFIED', 'REJECTED')),
  remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX ON document (brand_id, customer_id);
SELECT tenant_table('document');

CREATE TABLE user_bank_account (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  account_number_enc text NOT NULL,
  account_hash text NOT NULL,
  account_last4 text NOT NULL,
  ifsc text NOT NULL,
  holder_name text,
  name_match_percent integer,
  verified boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX ON user_bank_account (brand_id, customer_id);
SELECT tenant_table('user_bank_account');

CREATE TABLE employment (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  uan_enc text,
  employer_name text,
  joining_date date,
  exit_date date,
  is_current boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('employment');

CREATE TABLE loan (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_no text NOT NULL,
  customer_id uuid NOT NULL,
  status text NOT NULL,
  agreement_status text NOT NULL DEFAULT 'NOT_SENT',
  product text NOT NULL DEFAULT 'PAYDAY_LOAN',
  purpose text NOT NULL,
  applied_amount numeric(14, 2) NOT NULL CHECK (applied_amount > 0),
  applied_tenure_days integer NOT NULL CHECK (applied_tenure_days > 0),
  sanctioned_amount numeric(14, 2),
  roi_percent_per_day numeric(7, 4),
  tenure_days integer,
  processing_fee numeric(14, 2),
  gst_amount numeric(14, 2),
  net_disbursal numeric(14, 2),
  repayment_amount numeric(14, 2),
  planned_disbursal_date date,
  due_date date,
  disbursed_at timestamptz,
  closed_at timestamptz,
  outstanding_amount numeric(14, 2),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_no),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX ON loan (brand_id, status, created_at);
CREATE UNIQUE INDEX one_live_loan_per_customer ON loan (brand_id, customer_id)
  WHERE status NOT IN ('REJECTED', 'CANCELLED', 'COMPLETED', 'SETTLED', 'WRITE_OFF');
SELECT tenant_table('loan');

CREATE TABLE loan_allotted_partner_user (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  role text NOT NULL,
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE UNIQUE INDEX one_executive_per_loan_and_role ON loan_allotted_partner_user (brand_id, loan_id, role) WHERE is_active;
SELECT tenant_table('loan_allotted_partner_user');

CREATE TABLE aa_consent_request (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid NOT NULL,
  provider text NOT NULL,
  status text NOT NULL,
  txn_id text NOT NULL,
  consent_handle text,
  consent_id text,
  session_id text,
  redirect_url text,
  key_material_enc text,
  data_from date NOT NULL,
  data_to date NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, consent_handle),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
SELECT tenant_table('aa_consent_request');

CREATE TABLE bda_report (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid NOT NULL,
  source text NOT NULL,
  status text NOT NULL CHECK (status IN ('PROCESSING', 'READY', 'FAILED')),
  raw_key text NOT NULL,
  report_key text,
  features jsonb,
  lineage jsonb,
  cam_prefill jsonb,
  reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX ON bda_report (brand_id, loan_id);
SELECT tenant_table('bda_report');

CREATE TABLE bureau_report (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid NOT NULL,
  bureau text NOT NULL,
  raw_key text NOT NULL,
  score integer,
  features jsonb NOT NULL,
  lineage jsonb NOT NULL,
  consent_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, consent_id) REFERENCES consent (brand_id, id)
);
CREATE INDEX ON bureau_report (brand_id, loan_id);
SELECT tenant_table('bureau_report', 'SELECT, INSERT');

-- `record` is the decision's canonical text: replaying it gives the same bytes. It is never changed.
CREATE TABLE decision (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  ruleset_name text NOT NULL,
  ruleset_hash text NOT NULL,
  ruleset_source text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('APPROVE', 'REFER', 'REJECT')),
  record text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX ON decision (brand_id, loan_id);
SELECT tenant_table('decision', 'SELECT, INSERT');

-- Every saved version stays; the latest is the loan's CAM.
CREATE TABLE cam_calculator (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  partner_user_id uuid NOT NULL,
  version integer NOT NULL,
  inputs jsonb NOT NULL,
  computed jsonb NOT NULL,
  ruleset_hash text NOT NULL,
  remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_id, version),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
SELECT tenant_table('cam_calculator', 'SELECT, INSERT');

CREATE TABLE esign_request (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  provider text NOT NULL,
  status text NOT NULL,
  contract_id text NOT NULL,
  sign_url text NOT NULL,
  unsigned_document_id uuid NOT NULL,
  signed_document_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, contract_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
SELECT tenant_table('esign_request');

CREATE TABLE payout (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  attempt integer NOT NULL,
  status text NOT NULL,
  provider text NOT NULL,
  provider_payout_id text,
  reference text NOT NULL,
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  mode text NOT NULL,
  utr text,
  failure_reason text,
  settled_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_id, attempt),
  UNIQUE (brand_id, reference),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
-- never two payouts of one loan on their way at the same time, and never one after a success
CREATE UNIQUE INDEX one_open_payout_per_loan ON payout (brand_id, loan_id) WHERE status IN ('PENDING', 'PROCESSING', 'SUCCESS');
SELECT tenant_table('payout');

CREATE TABLE payment_request (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'EXPIRED')),
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  provider text NOT NULL,
  provider_link_id text,
  short_url text,
  reference text NOT NULL,
  requested_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, reference),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX ON payment_request (brand_id, loan_id);
SELECT tenant_table('payment_request');

CREATE TABLE payment_collection_transaction (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  payment_request_id uuid NOT NULL,
  provider text NOT NULL,
  provider_payment_id text NOT NULL,
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  method text,
  reference text,
  received_at timestamptz NOT NULL,
  received_on date NOT NULL,
  status text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, provider, provider_payment_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, payment_request_id) REFERENCES payment_request (brand_id, id)
);
SELECT tenant_table('payment_collection_transaction', 'SELECT, INSERT');

CREATE TABLE repayment_timeline (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  instalment_no integer NOT NULL,
  due_date date NOT NULL,
  principal numeric(14, 2) NOT NULL,
  interest numeric(14, 2) NOT NULL,
  paid_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_id, instalment_no),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
SELECT tenant_table('repayment_timeline');

-- Double entry, append-only. What a loan owes is derived from these two tables alone.
CREATE TABLE journal_entry (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  kind text NOT NULL,
  business_date date NOT NULL,
  reference text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, kind, reference),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX ON journal_entry (brand_id, loan_id, business_date);
SELECT tenant_table('journal_entry', 'SELECT, INSERT');

CREATE TABLE journal_line (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  entry_id uuid NOT NULL,
  account text NOT NULL,
  debit numeric(14, 2) NOT NULL DEFAULT 0 CHECK (debit >= 0),
  credit numeric(14, 2) NOT NULL DEFAULT 0 CHECK (credit >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  CHECK ((debit = 0) <> (credit = 0)),
  FOREIGN KEY (brand_id, entry_id) REFERENCES journal_entry (brand_id, id)
);
CREATE INDEX ON journal_line (brand_id, entry_id);
SELECT tenant_table('journal_line', 'SELECT, INSERT');

CREATE FUNCTION journal_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE difference numeric;
BEGIN
  SELECT sum(debit) - sum(credit) INTO difference FROM journal_line
  WHERE brand_id = NEW.brand_id AND entry_id = NEW.entry_id;
  IF difference <> 0 THEN
    RAISE EXCEPTION 'journal entry % is out of balance by %', NEW.entry_id, difference USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON journal_line
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION journal_entry_balances();

CREATE TABLE user_notification (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid,
  event text NOT NULL,
  channel text NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'SENT', 'FAILED')),
  body_enc text NOT NULL,
  provider text,
  provider_message_id text,
  sent_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX ON user_notification (brand_id, customer_id);
SELECT tenant_table('user_notification');

CREATE TABLE report_run (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  report_type text NOT NULL,
  from_date date NOT NULL,
  to_date date NOT NULL,
  status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'READY', 'FAILED')),
  progress_percent integer NOT NULL DEFAULT 0,
  row_count integer,
  totals jsonb,
  as_of timestamptz,
  file_key text,
  reason text,
  requested_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id)
);
SELECT tenant_table('report_run');
