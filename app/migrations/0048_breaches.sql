-- Breaches of personal data: what happened, whom it affects, and who was told of it.

CREATE TABLE data_breach (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  breach_no text NOT NULL,
  status text NOT NULL CHECK (status IN ('RECORDED', 'CONTAINED', 'CLOSED')),
  data_classes jsonb NOT NULL,
  facts jsonb NOT NULL,
  occurred_at timestamptz NOT NULL,
  occurred_until timestamptz CHECK (occurred_until >= occurred_at),
  aware_at timestamptz NOT NULL CHECK (aware_at >= occurred_at),
  report_due_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, breach_no)
);
SELECT tenant_table('data_breach');

CREATE TABLE breach_intimation (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  breach_id uuid NOT NULL,
  told_to text NOT NULL CHECK (told_to IN ('BOARD', 'BOARD_REPORT', 'CERT_IN')),
  told_at timestamptz NOT NULL,
  reference text NOT NULL,
  told_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, breach_id) REFERENCES data_breach (brand_id, id)
);
CREATE INDEX ON breach_intimation (brand_id, breach_id);
SELECT tenant_table('breach_intimation', 'SELECT, INSERT');

CREATE TABLE breach_person (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  breach_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  told_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, breach_id, customer_id),
  FOREIGN KEY (brand_id, breach_id) REFERENCES data_breach (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX breach_person_customer ON breach_person (brand_id, customer_id);
CREATE INDEX breach_person_untold ON breach_person (brand_id, breach_id, id) WHERE told_at IS NULL;
SELECT tenant_table('breach_person');
