-- Collections: what was said and seen, promised, found, given up, and complained of.

CREATE TABLE disposition (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  code text NOT NULL,
  contact_party text NOT NULL CHECK (contact_party IN ('BORROWER', 'THIRD_PARTY', 'NOBODY')),
  channel text NOT NULL CHECK (channel IN ('CALL', 'VISIT', 'SMS', 'WHATSAPP', 'EMAIL')),
  remark text NOT NULL,
  follow_up_on date,
  call_ref text,
  days_past_due integer,
  author_id text NOT NULL,
  author_role text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX disposition_of_loan ON disposition (brand_id, loan_id, id DESC);
CREATE INDEX disposition_by_author ON disposition (brand_id, author_id, created_at);
SELECT tenant_table('disposition', 'SELECT, INSERT');

CREATE TABLE promise_to_pay (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('OPEN', 'KEPT', 'PARTIAL', 'BROKEN', 'CANCELLED')),
  amount numeric(14,2) NOT NULL CHECK (amount > 0),
  due_on date NOT NULL,
  mode text NOT NULL,
  remark text,
  made_by text NOT NULL,
  made_on date NOT NULL,
  received numeric(14,2),
  judged_on date,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE UNIQUE INDEX one_open_promise_per_loan ON promise_to_pay (brand_id, loan_id) WHERE status = 'OPEN';
CREATE INDEX promise_of_loan ON promise_to_pay (brand_id, loan_id, id DESC);
CREATE INDEX promise_due ON promise_to_pay (brand_id, due_on);
SELECT tenant_table('promise_to_pay');

CREATE TABLE field_visit (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  status text NOT NULL
    CHECK (status IN ('REQUESTED', 'ALLOCATED', 'STARTED', 'REACHED', 'ENDED', 'APPROVED', 'CANCELLED')),
  visit_type text NOT NULL,
  reason text NOT NULL,
  requested_by text NOT NULL,
  partner_user_id uuid REFERENCES partner_user (id),
  started_at timestamptz,
  reached_at timestamptz,
  ended_at timestamptz,
  latitude numeric(9,6) CHECK (latitude BETWEEN -90 AND 90),
  longitude numeric(9,6) CHECK (longitude BETWEEN -180 AND 180),
  distance_km numeric(7,2),
  outcome text,
  met_whom text,
  amount_collected numeric(14,2),
  next_action_date date,
  remark text,
  photo_ids jsonb NOT NULL DEFAULT '[]',
  approved_by text,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE UNIQUE INDEX one_visit_under_way ON field_visit (brand_id, loan_id) WHERE status NOT IN ('APPROVED', 'CANCELLED');
CREATE INDEX field_visit_made ON field_visit (brand_id, created_at);
SELECT tenant_table('field_visit');

CREATE TABLE skip_trace (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  kind text NOT NULL,
  value_enc text NOT NULL,
  source text NOT NULL,
  status text NOT NULL CHECK (status IN ('UNVERIFIED', 'RIGHT', 'WRONG')),
  remark text,
  found_by text NOT NULL,
  verified_by text,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX ON skip_trace (brand_id, loan_id);
SELECT tenant_table('skip_trace');

CREATE TABLE concession (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('WAIVER', 'SETTLEMENT', 'WRITE_OFF')),
  status text NOT NULL CHECK (status IN ('PROPOSED', 'OFFERED', 'DONE', 'REJECTED', 'LAPSED')),
  amount numeric(14,2) CHECK (amount > 0),
  waived jsonb NOT NULL,
  total_due numeric(14,2) NOT NULL,
  days_past_due integer NOT NULL,
  authority text NOT NULL,
  warnings jsonb NOT NULL DEFAULT '[]',
  ruleset_hash text NOT NULL,
  reason text NOT NULL,
  proposed_by text NOT NULL,
  approvals jsonb NOT NULL DEFAULT '[]',
  decided_by text,
  decided_at timestamptz,
  remark text,
  offered_on date,
  valid_until date,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  CHECK ((kind = 'SETTLEMENT') = (amount IS NOT NULL)),
  -- maker and checker are two people, whatever the service does
  CHECK (status NOT IN ('OFFERED', 'DONE') OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX one_open_concession_per_loan ON concession (brand_id, loan_id)
  WHERE status IN ('PROPOSED', 'OFFERED');
CREATE INDEX ON concession (brand_id, status);
SELECT tenant_table('concession');

CREATE TABLE complaint (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid,
  status text NOT NULL CHECK (status IN ('OPEN', 'RESOLVED')),
  category text NOT NULL,
  text_enc text NOT NULL,
  about_user_id uuid REFERENCES partner_user (id),
  taken_by text NOT NULL,
  answer_due_on date NOT NULL,
  answer_enc text,
  resolved_by text,
  resolved_at timestamptz,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX ON complaint (brand_id, status, answer_due_on);
SELECT tenant_table('complaint');
