-- UPI ids of customers, and payouts that go to one.

CREATE TABLE user_vpa (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  vpa_enc text NOT NULL,
  vpa_hash text NOT NULL,
  holder_name text,
  name_match_percent integer,
  verified boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  erased_at timestamptz,
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, customer_id, vpa_hash),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('user_vpa');

ALTER TABLE disbursal_order
  ADD COLUMN vpa_id uuid,
  ADD FOREIGN KEY (brand_id, vpa_id) REFERENCES user_vpa (brand_id, id);
CREATE INDEX ON disbursal_order (brand_id, vpa_id);
ALTER TABLE payout
  ADD COLUMN vpa_id uuid,
  ADD FOREIGN KEY (brand_id, vpa_id) REFERENCES user_vpa (brand_id, id);
CREATE INDEX ON payout (brand_id, vpa_id);
