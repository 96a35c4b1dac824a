-- How each loan stood at the end of each day, and which steps of which day were done.

CREATE TABLE loan_day (
  brand_id text NOT NULL,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  on_date date NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  days_past_due integer NOT NULL,
  stage text NOT NULL,
  bucket text NOT NULL,
  classified_days integer NOT NULL,
  classification text NOT NULL,
  npa_since date,
  principal numeric(14,2) NOT NULL,
  interest numeric(14,2) NOT NULL,
  penal numeric(14,2) NOT NULL,
  charges numeric(14,2) NOT NULL,
  total numeric(14,2) NOT NULL CHECK (total > 0 AND total = principal + interest + penal + charges),
  provision numeric(14,2) NOT NULL,
  interest_suspended numeric(14,2) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, on_date, loan_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX loan_day_of_loan ON loan_day (brand_id, loan_id, on_date);
CREATE INDEX loan_day_bad ON loan_day (brand_id, customer_id, on_date) WHERE npa_since IS NOT NULL;
SELECT tenant_table('loan_day', 'SELECT, INSERT, DELETE');

CREATE TABLE eod_step (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  on_date date NOT NULL,
  step text NOT NULL,
  row_count bigint NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, on_date, step)
);
SELECT tenant_table('eod_step');
