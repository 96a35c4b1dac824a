-- Contacts that were told of afterwards, settlements in instalments with their letter, legal notices.

ALTER TABLE contact_attempt ADD COLUMN broke text;
CREATE INDEX contact_breaches ON contact_attempt (brand_id, made_at) WHERE broke IS NOT NULL;

ALTER TABLE disposition
  ADD COLUMN contacted_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN broke text,
  ADD COLUMN inbound boolean NOT NULL DEFAULT false;
UPDATE disposition SET contacted_at = created_at;

ALTER TABLE concession
  ADD COLUMN instalments jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN received numeric(14,2),
  ADD COLUMN lapsed_on date,
  ADD COLUMN letter_id uuid,
  ADD FOREIGN KEY (brand_id, letter_id) REFERENCES document (brand_id, id);

CREATE TABLE legal_notice (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('MADE', 'DISPATCHED', 'DELIVERED', 'RETURNED', 'WITHDRAWN')),
  document_id uuid NOT NULL,
  number text NOT NULL,
  total_due numeric(14,2) NOT NULL,
  days_past_due integer NOT NULL,
  pay_by date NOT NULL,
  made_by text NOT NULL,
  carrier text,
  tracking_no text,
  dispatched_on date,
  ended_on date,
  remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, document_id) REFERENCES document (brand_id, id),
  CHECK (status IN ('MADE', 'WITHDRAWN') OR (carrier IS NOT NULL AND dispatched_on IS NOT NULL))
);
CREATE UNIQUE INDEX one_legal_notice_under_way ON legal_notice (brand_id, loan_id)
  WHERE status IN ('MADE', 'DISPATCHED');
CREATE INDEX legal_notice_made ON legal_notice (brand_id, created_at);
SELECT tenant_table('legal_notice');
