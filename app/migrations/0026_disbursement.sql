-- Disbursement: one person proposes, another releases; offline payouts and what the bank's files say; cooling-off exits.

CREATE TABLE disbursal_order (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('PROPOSED', 'RELEASED', 'REJECTED')),
  rail text NOT NULL CHECK (rail IN ('IMPS', 'NEFT', 'UPI')),
  channel text NOT NULL CHECK (channel IN ('ONLINE', 'OFFLINE')),
  bank_account_id uuid NOT NULL,
  proposed_by text NOT NULL,
  remark text,
  decided_by text,
  decided_at timestamptz,
  reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, bank_account_id) REFERENCES user_bank_account (brand_id, id),
  -- maker and checker are two people, whatever the service does
  CHECK (status <> 'RELEASED' OR decided_by <> proposed_by)
);
CREATE INDEX ON disbursal_order (brand_id, loan_id);
CREATE UNIQUE INDEX one_open_order_per_loan ON disbursal_order (brand_id, loan_id) WHERE status = 'PROPOSED';
SELECT tenant_table('disbursal_order');

-- Payouts that went to the bank in one file.
CREATE TABLE payout_batch (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  batch_no text NOT NULL,
  made_by text NOT NULL,
  payout_count integer NOT NULL CHECK (payout_count > 0),
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, batch_no)
);
SELECT tenant_table('payout_batch', 'SELECT, INSERT');

ALTER TABLE payout
  ADD COLUMN channel text NOT NULL DEFAULT 'ONLINE' CHECK (channel IN ('ONLINE', 'OFFLINE')),
  ADD COLUMN order_id uuid,
  ADD COLUMN bank_account_id uuid,
  ADD COLUMN batch_id uuid,
  ADD FOREIGN KEY (brand_id, order_id) REFERENCES disbursal_order (brand_id, id),
  ADD FOREIGN KEY (brand_id, bank_account_id) REFERENCES user_bank_account (brand_id, id),
  ADD FOREIGN KEY (brand_id, batch_id) REFERENCES payout_batch (brand_id, id);
-- an order is carried out once
CREATE UNIQUE INDEX one_payout_per_order ON payout (brand_id, order_id);
CREATE INDEX payout_unsettled ON payout (brand_id, status) WHERE status IN ('PENDING', 'PROCESSING');
CREATE INDEX ON payout (brand_id, batch_id);

-- A file of the bank portal, and what became of each of its rows.
CREATE TABLE bank_file (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  uploaded_by text NOT NULL,
  status text NOT NULL CHECK (status IN ('READING', 'READ')),
  row_count integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, sha256)
);
SELECT tenant_table('bank_file');

CREATE TABLE bank_file_row (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  bank_file_id uuid NOT NULL,
  line_no integer NOT NULL,
  reference text,
  amount numeric(14, 2),
  account_last4 text,
  account_hash text,
  bank_status text,
  utr text,
  remark text,
  paid_on date,
  fault text,
  payout_id uuid,
  outcome text NOT NULL CHECK (outcome IN ('WAITING', 'SETTLED', 'FAILED', 'REVERSED', 'PROCESSING', 'UNCHANGED', 'EXCEPTION')),
  reason text,
  resolution text,
  resolved_by text,
  resolved_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, bank_file_id, line_no),
  FOREIGN KEY (brand_id, bank_file_id) REFERENCES bank_file (brand_id, id),
  FOREIGN KEY (brand_id, payout_id) REFERENCES payout (brand_id, id)
);
CREATE INDEX bank_file_exception ON bank_file_row (brand_id, created_at) WHERE outcome = 'EXCEPTION';
SELECT tenant_table('bank_file_row');

ALTER TABLE payment_request
  ADD COLUMN purpose text NOT NULL DEFAULT 'REPAYMENT' CHECK (purpose IN ('REPAYMENT', 'COOLING_OFF'));

-- A customer gives a loan back within the days of cooling-off, and how the amount of that day was made up.
CREATE TABLE cooling_off_exit (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('CHOSEN', 'DONE', 'LAPSED')),
  chosen_on date NOT NULL,
  principal numeric(14, 2) NOT NULL,
  interest numeric(14, 2) NOT NULL,
  fee_returned numeric(14, 2) NOT NULL,
  gst_returned numeric(14, 2) NOT NULL,
  total numeric(14, 2) NOT NULL CHECK (total > 0),
  payment_request_id uuid NOT NULL,
  done_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, payment_request_id) REFERENCES payment_request (brand_id, id)
);
CREATE UNIQUE INDEX one_exit_per_loan ON cooling_off_exit (brand_id, loan_id) WHERE status IN ('CHOSEN', 'DONE');
SELECT tenant_table('cooling_off_exit');
