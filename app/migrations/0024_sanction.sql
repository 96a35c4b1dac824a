-- Sanction: how long a loan waits and where, the amounts of each step, who approved, what was decided on the way.

ALTER TABLE loan
  ADD COLUMN status_since timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN credit_approved_amount numeric(14, 2),
  ADD COLUMN held_from text,
  ADD COLUMN held_until date,
  ADD COLUMN send_back_count integer NOT NULL DEFAULT 0,
  ADD COLUMN sanction_valid_until date;

-- The owner is under row-level security as well: for this one statement it is not, because it copies within each brand.
ALTER TABLE loan NO FORCE ROW LEVEL SECURITY;
ALTER TABLE state_change NO FORCE ROW LEVEL SECURITY;
UPDATE loan SET status_since = coalesce(
  (SELECT max(step.created_at) FROM state_change step
   WHERE (step.brand_id, step.entity, step.entity_id) = (loan.brand_id, 'loan', loan.id)), loan.created_at);
ALTER TABLE loan FORCE ROW LEVEL SECURITY;
ALTER TABLE state_change FORCE ROW LEVEL SECURITY;
-- queues: what waits at one step, longest first
CREATE INDEX loan_queue ON loan (brand_id, status, status_since);

CREATE TABLE loan_remark (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  author_id text NOT NULL,
  author_role text NOT NULL,
  text text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX ON loan_remark (brand_id, loan_id);
SELECT tenant_table('loan_remark', 'SELECT, INSERT');

-- What the credit executive says to a reason for which the rules referred. The newest counts.
CREATE TABLE referral_decision (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  decision_id uuid NOT NULL,
  rule_id text NOT NULL,
  accepted boolean NOT NULL,
  remark text NOT NULL,
  decided_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, decision_id) REFERENCES decision (brand_id, id)
);
CREATE INDEX ON referral_decision (brand_id, decision_id);
SELECT tenant_table('referral_decision', 'SELECT, INSERT');

-- One person's yes at one level. A send-back supersedes what was said above it.
CREATE TABLE sanction_approval (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  level text NOT NULL CHECK (level IN ('CREDIT_EXECUTIVE', 'SANCTION_MANAGER', 'SANCTION_HEAD', 'ADMIN')),
  approved_by text NOT NULL,
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  remark text NOT NULL,
  superseded_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
-- maker and checker are never the same person, whatever the service does
CREATE UNIQUE INDEX one_level_per_person ON sanction_approval (brand_id, loan_id, approved_by) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX one_person_per_level ON sanction_approval (brand_id, loan_id, level) WHERE superseded_at IS NULL;
SELECT tenant_table('sanction_approval');

-- Where a file departs from the policy, why that is right, and who agreed. A new recommendation supersedes the list.
CREATE TABLE deviation (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  source text NOT NULL CHECK (source IN ('BRE', 'CAM', 'OVERRIDE')),
  rule_id text NOT NULL,
  code text,
  reason text NOT NULL,
  seen jsonb NOT NULL,
  threshold jsonb NOT NULL,
  delta numeric,
  justification text NOT NULL,
  raised_by text NOT NULL,
  approved_by text,
  approved_at timestamptz,
  expires_on date,
  superseded_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX ON deviation (brand_id, loan_id) WHERE superseded_at IS NULL;
SELECT tenant_table('deviation');

-- Other terms than applied for, which the customer takes or leaves. `key_facts` is what they were shown.
CREATE TABLE loan_offer (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  cam_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('PROPOSED', 'ACCEPTED', 'DECLINED', 'EXPIRED', 'WITHDRAWN')),
  amount numeric(14, 2) NOT NULL CHECK (amount > 0),
  tenure_days integer NOT NULL CHECK (tenure_days > 0),
  terms jsonb NOT NULL,
  key_facts jsonb NOT NULL,
  proposed_by text NOT NULL,
  remark text NOT NULL,
  valid_until date NOT NULL,
  decided_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE UNIQUE INDEX one_open_offer_per_loan ON loan_offer (brand_id, loan_id) WHERE status = 'PROPOSED';
SELECT tenant_table('loan_offer');

-- Exactly what the rules read, so that other amounts and days can be worked out from the same memo.
ALTER TABLE cam_calculator ADD COLUMN facts jsonb NOT NULL DEFAULT '{}';
