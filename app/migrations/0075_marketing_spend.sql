-- What advertising cost: a day, the source that was paid, and the campaign if it was for one.

CREATE TABLE marketing_spend (
  id uuid NOT NULL,
  brand_id text NOT NULL REFERENCES brand (id),
  day date NOT NULL,
  source text NOT NULL,
  campaign text,
  amount numeric(14,2) NOT NULL CHECK (amount >= 0),
  -- of the present amount; those before it are in the audit trail
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  -- told again is corrected, not added
  UNIQUE NULLS NOT DISTINCT (brand_id, day, source, campaign)
);
SELECT tenant_table('marketing_spend', 'SELECT, INSERT, UPDATE, DELETE');
