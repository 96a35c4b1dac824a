-- Where customers come from: visits that a page tells of, whom they became, and the affiliates who are paid for them.

CREATE TABLE affiliate (
  id uuid NOT NULL,
  brand_id text NOT NULL REFERENCES brand (id),
  code text NOT NULL,
  name text NOT NULL,
  utm_source text,
  domain text,
  payout_model text NOT NULL CHECK (payout_model IN ('CPL', 'CPA', 'REV_SHARE')),
  payout_rate numeric(14,2) NOT NULL CHECK (payout_rate >= 0),
  is_active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, code)
);
CREATE UNIQUE INDEX ON affiliate (brand_id, utm_source) WHERE is_active;
CREATE UNIQUE INDEX ON affiliate (brand_id, domain) WHERE is_active;
SELECT tenant_table('affiliate');

CREATE TABLE click (
  id uuid NOT NULL,
  brand_id text NOT NULL REFERENCES brand (id),
  channel text NOT NULL CHECK (channel IN ('PAID', 'AFFILIATE', 'ORGANIC', 'REFERRAL', 'OWNED', 'DIRECT')),
  affiliate_id uuid,
  utm_source text,
  utm_medium text,
  utm_campaign text,
  utm_term text,
  utm_content text,
  ad_click_id text,
  platform text,
  domain text,
  landing_page text,
  referrer_host text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, affiliate_id) REFERENCES affiliate (brand_id, id)
);
CREATE INDEX click_day ON click (brand_id, created_at);
SELECT tenant_table('click', 'SELECT, INSERT, DELETE');

-- A visit of somebody who gave their phone then or later. The first is how they came, the last what brought them back.
CREATE TABLE customer_touch (
  id uuid NOT NULL,
  brand_id text NOT NULL REFERENCES brand (id),
  customer_id uuid NOT NULL,
  click_id uuid NOT NULL,
  is_first boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, customer_id, click_id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, click_id) REFERENCES click (brand_id, id)
);
CREATE UNIQUE INDEX customer_touch_first ON customer_touch (brand_id, customer_id) WHERE is_first;
CREATE INDEX customer_touch_click ON customer_touch (brand_id, click_id);
SELECT tenant_table('customer_touch', 'SELECT, INSERT');
