-- Customers' sign-in: wrong codes count by phone over all of its codes, a refresh token is known after its use, devices
-- have names.

-- Codes are looked up by phone, so that an unknown one takes the same way. Those sent before this end with it.
ALTER TABLE otp_verification ADD COLUMN phone_hash text NOT NULL DEFAULT '';
CREATE INDEX ON otp_verification (brand_id, phone_hash, created_at);
GRANT DELETE ON otp_verification TO los_app;

-- One row a phone that somebody tried to sign in with, known or not.
CREATE TABLE otp_guard (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  phone_hash text NOT NULL,
  wrong_codes integer NOT NULL DEFAULT 0,
  wrong_at timestamptz,
  locked_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, phone_hash)
);
SELECT tenant_table('otp_guard', 'SELECT, INSERT, UPDATE, DELETE');

ALTER TABLE user_login_token
  ADD COLUMN ip text,
  ADD COLUMN user_agent text,
  ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN ended_because text;
CREATE INDEX ON user_login_token (brand_id, customer_id) WHERE revoked_at IS NULL;

CREATE TABLE customer_device (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  device_hash text NOT NULL,
  name text,
  last_used_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, customer_id, device_hash),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('customer_device');

CREATE TABLE spent_refresh_token (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  token_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, token_hash),
  FOREIGN KEY (brand_id, session_id) REFERENCES user_login_token (brand_id, id)
);
CREATE INDEX ON spent_refresh_token (brand_id, session_id);
SELECT tenant_table('spent_refresh_token', 'SELECT, INSERT, DELETE');
