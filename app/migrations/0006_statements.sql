-- Bank statements that customers and staff send as files. What the file said is in storage, encrypted.

CREATE TABLE bank_account_statement (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid NOT NULL,
  status text NOT NULL,
  stage text,
  progress_percent integer NOT NULL DEFAULT 0 CHECK (progress_percent BETWEEN 0 AND 100),
  reason text,
  rows jsonb NOT NULL DEFAULT '[]',
  warnings jsonb NOT NULL DEFAULT '[]',
  file_type text NOT NULL,
  size_bytes integer NOT NULL,
  sha256 text NOT NULL,
  s3_key text NOT NULL,
  content_key text,
  -- until the file has been opened, and not a moment longer
  password_enc text,
  bank text,
  account_number text,
  ifsc text,
  holder_name text,
  currency text,
  period_from date,
  period_to date,
  transaction_count integer,
  opening_balance numeric(14, 2),
  closing_balance numeric(14, 2),
  report_id uuid,
  analyser text NOT NULL DEFAULT 'own',
  analyser_reference text,
  analyser_status text,
  analyser_reason text,
  analyser_key text,
  figures jsonb,
  differences jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_id, sha256),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, report_id) REFERENCES bda_report (brand_id, id)
);
CREATE INDEX ON bank_account_statement (brand_id, loan_id, id);
CREATE INDEX ON bank_account_statement (brand_id, sha256);
SELECT tenant_table('bank_account_statement');
