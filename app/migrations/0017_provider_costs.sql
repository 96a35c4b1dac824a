-- What a call of a provider costs: the price of an operation from a day on, and the cost of each call as it was made.
CREATE TABLE provider_price (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  provider text NOT NULL,
  operation text NOT NULL,
  valid_from date NOT NULL,
  paise numeric(12, 2) NOT NULL CHECK (paise >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (brand_id, provider, operation, valid_from)
);
SELECT tenant_table('provider_price');

ALTER TABLE provider_call ADD COLUMN cost_paise numeric(12, 2) NOT NULL DEFAULT 0;
CREATE INDEX ON provider_call (brand_id, provider, outcome, created_at);
