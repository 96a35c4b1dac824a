-- Suits that were filed for a loan: the bureaus are told of them.

CREATE TABLE suit (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('FILED', 'ENDED', 'VOID')),
  court text NOT NULL,
  case_number text NOT NULL,
  filed_on date NOT NULL,
  ended_on date,
  told_by text NOT NULL,
  remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  CHECK (ended_on >= filed_on),
  CHECK ((status = 'FILED') = (ended_on IS NULL))
);
CREATE UNIQUE INDEX one_suit_of_a_number ON suit (brand_id, loan_id, court, case_number) WHERE status <> 'VOID';
CREATE INDEX suit_told ON suit (brand_id, created_at);
SELECT tenant_table('suit');
