-- Payments that come back: disputes, reversals with maker and checker, loans that open again. Money in suspense is
-- placed and given back by two people.

-- A loan that was opened again runs beside one that was taken meanwhile. `repaid_on`: the day on which the last of it
-- was paid, whenever it was closed.
ALTER TABLE loan ADD COLUMN reopened_at timestamptz, ADD COLUMN repaid_on date;
DROP INDEX one_live_loan_per_customer;
CREATE UNIQUE INDEX one_live_loan_per_customer ON loan (brand_id, customer_id)
  WHERE status NOT IN ('REJECTED', 'CANCELLED', 'COMPLETED', 'SETTLED', 'WRITE_OFF') AND reopened_at IS NULL;

ALTER TABLE document ADD COLUMN withdrawn_at timestamptz;

ALTER TABLE payment_collection_transaction
  ADD COLUMN reversed_amount numeric(14, 2) NOT NULL DEFAULT 0 CHECK (reversed_amount BETWEEN 0 AND amount);
GRANT UPDATE (status, reversed_amount) ON payment_collection_transaction TO los_app;

-- What somebody proposes for money in suspense, until another one decides.
ALTER TABLE suspense_item
  DROP CONSTRAINT suspense_item_kind_check,
  ADD CHECK (kind IN ('UNKNOWN', 'OVERPAYMENT', 'CLOSED_LOAN', 'MISPOSTED')),
  DROP CONSTRAINT suspense_item_status_check,
  ADD CHECK (status IN ('OPEN', 'PROPOSED', 'PLACED', 'REFUNDING', 'REFUNDED', 'REVERSED')),
  ADD COLUMN proposed_action text CHECK (proposed_action IN ('PLACE', 'REFUND')),
  ADD COLUMN proposed_loan_id uuid,
  ADD COLUMN proposed_reference text,
  ADD COLUMN proposed_remark text,
  ADD COLUMN proposed_by text,
  ADD COLUMN proposed_at timestamptz,
  ADD CHECK (decided_by <> proposed_by),
  -- of one payment something may wait for nobody known, and once it is placed something as excess of that loan
  DROP CONSTRAINT suspense_item_brand_id_provider_provider_payment_id_key,
  ADD UNIQUE NULLS NOT DISTINCT (brand_id, provider, provider_payment_id, loan_id),
  ADD FOREIGN KEY (brand_id, proposed_loan_id) REFERENCES loan (brand_id, id);
CREATE INDEX suspense_item_loan ON suspense_item (brand_id, loan_id);

-- Somebody asks their bank for the money of a payment back.
CREATE TABLE payment_dispute (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('OPEN', 'UNDER_REVIEW', 'WON', 'LOST', 'CLOSED')),
  provider text NOT NULL,
  provider_dispute_id text NOT NULL,
  provider_payment_id text NOT NULL,
  phase text,
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  reason_code text,
  reason text,
  respond_by timestamptz,
  loan_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, provider, provider_dispute_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX payment_dispute_queue ON payment_dispute (brand_id, status, created_at);
SELECT tenant_table('payment_dispute');

-- A payment of a loan is taken back, wholly or in part. Of one that a gateway tells of nobody has to be a second one.
CREATE TABLE payment_reversal (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  transaction_id uuid NOT NULL,
  dispute_id uuid,
  kind text NOT NULL CHECK (kind IN ('CHARGEBACK', 'RETURNED', 'REFUNDED_ELSEWHERE', 'MISPOSTED')),
  status text NOT NULL CHECK (status IN ('PROPOSED', 'DONE', 'REJECTED')),
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  reason text NOT NULL,
  blocked_by text,
  proposed_by text NOT NULL,
  decided_by text,
  decided_at timestamptz,
  decision_remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  CHECK (decided_by <> proposed_by OR dispute_id IS NOT NULL),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, transaction_id) REFERENCES payment_collection_transaction (brand_id, id),
  FOREIGN KEY (brand_id, dispute_id) REFERENCES payment_dispute (brand_id, id)
);
CREATE UNIQUE INDEX payment_reversal_open ON payment_reversal (brand_id, transaction_id) WHERE status = 'PROPOSED';
CREATE UNIQUE INDEX payment_reversal_dispute ON payment_reversal (brand_id, dispute_id);
CREATE INDEX payment_reversal_queue ON payment_reversal (brand_id, status, created_at);
SELECT tenant_table('payment_reversal');

