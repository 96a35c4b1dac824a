-- Calls to customers: from whose phone, what became of each, what was told of it, and its recording.

CREATE TABLE dialer_extension (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  extension text NOT NULL CHECK (extension ~ '^[0-9]{1,15}$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, partner_user_id),
  UNIQUE (brand_id, extension)
);
SELECT tenant_table('dialer_extension', 'SELECT, INSERT, UPDATE, DELETE');

CREATE TABLE user_call (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  extension text NOT NULL,
  status text NOT NULL CHECK (status IN
    ('INITIATED', 'DIALLING', 'RINGING', 'CONNECTED', 'UNKNOWN', 'ANSWERED', 'MISSED', 'BUSY', 'FAILED')),
  provider_call_id text,
  ref_id text,
  dialled_at timestamptz,
  answered_at timestamptz,
  ended_at timestamptz,
  duration_s integer CHECK (duration_s >= 0),
  talk_s integer CHECK (talk_s >= 0),
  hangup_cause text,
  failure_reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, provider_call_id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX user_call_customer ON user_call (brand_id, customer_id, created_at);
CREATE INDEX user_call_partner ON user_call (brand_id, partner_user_id, created_at);
CREATE INDEX user_call_loan ON user_call (brand_id, loan_id) WHERE loan_id IS NOT NULL;
CREATE INDEX user_call_ref ON user_call (brand_id, ref_id) WHERE ref_id IS NOT NULL;
-- a customer's phone rings once at a time, whoever of the staff clicks
CREATE UNIQUE INDEX one_going_call_per_customer ON user_call (brand_id, customer_id)
  WHERE status IN ('INITIATED', 'DIALLING', 'RINGING', 'CONNECTED', 'UNKNOWN');
SELECT tenant_table('user_call');

CREATE TABLE user_call_event (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  user_call_id uuid,
  kind text NOT NULL CHECK (kind IN ('CONNECTED', 'ENDED')),
  source text NOT NULL CHECK (source IN ('WEBHOOK', 'RECORD')),
  told jsonb NOT NULL,
  fault text CHECK (fault IN ('NOT_OURS', 'OTHER_NUMBER', 'OTHER_CALL')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  CHECK (user_call_id IS NOT NULL OR fault IS NOT NULL),
  FOREIGN KEY (brand_id, user_call_id) REFERENCES user_call (brand_id, id)
);
CREATE INDEX user_call_event_call ON user_call_event (brand_id, user_call_id);
SELECT tenant_table('user_call_event', 'SELECT, INSERT');

CREATE TABLE user_call_recording (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  user_call_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('WAITING', 'STORED', 'MISSING', 'ERASED')),
  url_enc text,
  s3_key text,
  content_type text,
  size_bytes integer,
  sha256 text,
  attempts integer NOT NULL DEFAULT 0,
  reason text,
  stored_at timestamptz,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, user_call_id),
  FOREIGN KEY (brand_id, user_call_id) REFERENCES user_call (brand_id, id),
  CHECK (status <> 'STORED' OR s3_key IS NOT NULL)
);
SELECT tenant_table('user_call_recording');
