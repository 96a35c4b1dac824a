-- Papers by which a customer may be known besides PAN and Aadhaar, for the files of the bureaus; and what staff read on a
-- salary slip.
CREATE TABLE identity_paper (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  kind text NOT NULL
    CHECK (kind IN ('PASSPORT', 'VOTER_ID', 'DRIVING_LICENCE', 'RATION_CARD', 'NREGA_JOB_CARD', 'CKYC')),
  number_enc text NOT NULL,
  issued_on date,
  expires_on date CHECK (expires_on > issued_on),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, customer_id, kind),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('identity_paper', 'SELECT, INSERT, UPDATE, DELETE');

ALTER TABLE document ADD COLUMN net_salary numeric(14, 2) CHECK (net_salary > 0), ADD COLUMN salary_month date;
