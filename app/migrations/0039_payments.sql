-- Payments that fit nothing or were made elsewhere: manual payments with maker and checker, money in suspense, refunds,
-- debits of mandates, and what the gateway settled against what we booked.

ALTER TABLE payment_request
  DROP CONSTRAINT payment_request_purpose_check,
  ADD CHECK (purpose IN ('REPAYMENT', 'COOLING_OFF', 'FORECLOSURE', 'MANDATE')),
  ADD COLUMN channel text NOT NULL DEFAULT 'LINK' CHECK (channel IN ('LINK', 'CHECKOUT', 'MANDATE')),
  ADD COLUMN provider_order_id text,
  ADD COLUMN checkout_key text,
  ADD COLUMN expires_at timestamptz;
CREATE INDEX payment_request_open ON payment_request (brand_id, expires_at) WHERE status IN ('PENDING', 'PROCESSING');
CREATE INDEX payment_request_order ON payment_request (brand_id, provider_order_id) WHERE provider_order_id IS NOT NULL;

ALTER TABLE payment_collection_transaction
  ALTER COLUMN payment_request_id DROP NOT NULL,
  ADD COLUMN provider_order_id text;
CREATE INDEX payment_collection_transaction_reference ON payment_collection_transaction (brand_id, reference);
CREATE INDEX payment_collection_transaction_day ON payment_collection_transaction (brand_id, received_on);

-- Money that somebody says came in outside of the gateway. A reference that was refused may be told again.
CREATE TABLE manual_payment (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED')),
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  method text NOT NULL CHECK (method IN ('BANK_TRANSFER', 'UPI', 'CASH')),
  reference text NOT NULL,
  received_on date NOT NULL,
  remark text,
  submitted_by text NOT NULL,
  decided_by text,
  decided_at timestamptz,
  decision_remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  CHECK (decided_by <> submitted_by),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE UNIQUE INDEX manual_payment_reference ON manual_payment (brand_id, reference) WHERE status <> 'REJECTED';
CREATE INDEX manual_payment_queue ON manual_payment (brand_id, status, created_at);
CREATE INDEX ON manual_payment (brand_id, loan_id);
SELECT tenant_table('manual_payment');

-- Money that waits for somebody to say what it is for. Without a loan nobody knows yet whose it is.
CREATE TABLE suspense_item (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  loan_id uuid,
  kind text NOT NULL CHECK (kind IN ('UNKNOWN', 'OVERPAYMENT', 'CLOSED_LOAN')),
  status text NOT NULL CHECK (status IN ('OPEN', 'PLACED', 'REFUNDING', 'REFUNDED')),
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  provider text NOT NULL,
  provider_payment_id text NOT NULL,
  provider_order_id text,
  payment_amount numeric(14, 2) NOT NULL,
  method text,
  reference text,
  received_at timestamptz NOT NULL,
  received_on date NOT NULL,
  placed_on_loan_id uuid,
  decided_by text,
  decided_at timestamptz,
  decision_remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, provider, provider_payment_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, placed_on_loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX suspense_item_queue ON suspense_item (brand_id, status, created_at);
SELECT tenant_table('suspense_item');

CREATE TABLE payment_refund (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  suspense_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'PROCESSED', 'FAILED')),
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  provider text NOT NULL,
  provider_refund_id text,
  reference text,
  requested_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, suspense_id) REFERENCES suspense_item (brand_id, id)
);
CREATE UNIQUE INDEX payment_refund_one ON payment_refund (brand_id, suspense_id) WHERE status <> 'FAILED';
CREATE INDEX payment_refund_open ON payment_refund (brand_id, created_at) WHERE status IN ('PENDING', 'PROCESSING');
SELECT tenant_table('payment_refund');

-- A debit of a mandate. `code` is the NACH reason of a return.
CREATE TABLE mandate_presentation (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  mandate_id uuid NOT NULL,
  attempt integer NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'PRESENTED', 'SUCCESS', 'RETURNED', 'FAILED')),
  present_on date NOT NULL,
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  payment_request_id uuid,
  provider_payment_id text,
  code text,
  reason text,
  action text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_id, attempt),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, mandate_id) REFERENCES mandate (brand_id, id),
  FOREIGN KEY (brand_id, payment_request_id) REFERENCES payment_request (brand_id, id)
);
CREATE UNIQUE INDEX mandate_presentation_open ON mandate_presentation (brand_id, loan_id)
  WHERE status IN ('PENDING', 'PRESENTED');
CREATE INDEX mandate_presentation_due ON mandate_presentation (brand_id, present_on) WHERE status = 'PENDING';
SELECT tenant_table('mandate_presentation');

-- What a gateway settled on a day against what we booked; every difference is an exception until somebody resolves it.
CREATE TABLE reconciliation (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  provider text NOT NULL,
  day date NOT NULL,
  line_count integer NOT NULL,
  matched_count integer NOT NULL,
  settled_amount numeric(14, 2) NOT NULL,
  fee_amount numeric(14, 2) NOT NULL,
  reconciled_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, provider, day)
);
SELECT tenant_table('reconciliation');

CREATE TABLE settlement_line (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  provider text NOT NULL,
  day date NOT NULL,
  kind text NOT NULL,
  provider_line_id text NOT NULL,
  amount numeric(14, 2) NOT NULL,
  fee numeric(14, 2) NOT NULL,
  tax numeric(14, 2) NOT NULL,
  net numeric(14, 2) NOT NULL,
  settlement_id text NOT NULL,
  utr text,
  settled_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, provider, kind, provider_line_id)
);
SELECT tenant_table('settlement_line', 'SELECT, INSERT');

CREATE TABLE reconciliation_exception (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  provider text NOT NULL,
  day date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('NOT_BOOKED', 'AMOUNT_DIFFERS', 'NOT_SETTLED', 'REFUND_NOT_BOOKED')),
  provider_payment_id text NOT NULL,
  booked_amount numeric(14, 2),
  settled_amount numeric(14, 2),
  status text NOT NULL CHECK (status IN ('OPEN', 'RESOLVED')),
  resolved_by text,
  resolved_at timestamptz,
  remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, provider, kind, provider_payment_id)
);
CREATE INDEX reconciliation_exception_queue ON reconciliation_exception (brand_id, status, day);
SELECT tenant_table('reconciliation_exception');
