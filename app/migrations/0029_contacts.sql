-- Contacts about a debt: each attempt, and who is not to be contacted.

CREATE TABLE contact_attempt (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid,
  channel text NOT NULL CHECK (channel IN ('CALL', 'VISIT', 'SMS', 'WHATSAPP', 'EMAIL')),
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX contact_attempt_lately ON contact_attempt (brand_id, customer_id, made_at);
CREATE INDEX ON contact_attempt (brand_id, loan_id) WHERE loan_id IS NOT NULL;
SELECT tenant_table('contact_attempt', 'SELECT, INSERT');

CREATE TABLE no_contact (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  channels jsonb NOT NULL CHECK (jsonb_array_length(channels) > 0),
  reason text NOT NULL,
  remark text NOT NULL,
  from_date date NOT NULL,
  until_date date CHECK (until_date >= from_date),
  made_by text NOT NULL,
  ended_at timestamptz,
  ended_by text,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX no_contact_standing ON no_contact (brand_id, customer_id) WHERE ended_at IS NULL;
SELECT tenant_table('no_contact');
