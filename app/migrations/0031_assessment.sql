-- What becomes by itself of an application: bureau report, bank data, decision. One row for each time that the rules have
-- to run on a file from the beginning: the application, and a reactivation.

CREATE TABLE assessment (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  began_at timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('RUNNING', 'WAITING', 'STOPPED', 'DONE', 'ENDED')),
  step text CHECK (step IN ('BUREAU', 'BANK_DATA', 'DECISION')),
  waits_for text CHECK (waits_for IN ('CUSTOMER', 'BANK', 'STAFF')),
  reason text,
  looked_at timestamptz NOT NULL DEFAULT now(),
  decision_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_id, began_at),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, decision_id) REFERENCES decision (brand_id, id)
);
CREATE INDEX assessment_open ON assessment (brand_id, looked_at) WHERE status IN ('RUNNING', 'WAITING');
CREATE INDEX ON assessment (brand_id, decision_id);
SELECT tenant_table('assessment');
