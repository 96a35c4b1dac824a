-- Staff: second factor, rotating refresh tokens, devices, links that work once, what is said to staff, ratings.

-- Attempts are counted by e-mail from the log below, known or not, so that a lock tells nobody who exists.
ALTER TABLE partner_user
  DROP COLUMN failed_logins,
  DROP COLUMN locked_until,
  ALTER COLUMN password_hash DROP NOT NULL,
  ADD COLUMN pincode text CHECK (pincode ~ '^[1-9][0-9]{5}$'),
  ADD COLUMN second_factor_sealed text,
  ADD COLUMN second_factor_since timestamptz,
  ADD COLUMN second_factor_step bigint NOT NULL DEFAULT 0;
GRANT SELECT (pincode, second_factor_since) ON partner_user TO los_app;

ALTER TABLE partner_login_token
  ADD COLUMN refresh_hash text NOT NULL DEFAULT '',
  ADD COLUMN device_hash text,
  ADD COLUMN ip text,
  ADD COLUMN user_agent text,
  ADD COLUMN second_factor boolean NOT NULL DEFAULT false,
  ADD COLUMN last_used_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN end_reason text;
CREATE INDEX ON partner_login_token (partner_user_id);
REVOKE SELECT ON partner_login_token FROM los_app;
GRANT SELECT (id, partner_user_id, expires_at, revoked_at, second_factor, last_used_at), UPDATE (last_used_at)
  ON partner_login_token TO los_app;

ALTER TABLE partner_user_login_log ADD COLUMN event text;
UPDATE partner_user_login_log SET event = CASE WHEN success THEN 'SIGNED_IN' ELSE 'WRONG_PASSWORD' END;
ALTER TABLE partner_user_login_log ALTER COLUMN event SET NOT NULL;
CREATE INDEX ON partner_user_login_log (email, created_at);
CREATE INDEX ON partner_user_login_log (partner_user_id, created_at);

CREATE TABLE partner_device (
  id uuid PRIMARY KEY,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  device_hash text NOT NULL,
  ip text,
  user_agent text,
  last_seen_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (partner_user_id, device_hash)
);
GRANT SELECT, INSERT, UPDATE ON partner_device TO los_identity;

-- Opens one thing, once, for a short time: the second step of a sign-in, a new password.
CREATE TABLE partner_one_time_token (
  id uuid PRIMARY KEY,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  purpose text NOT NULL CHECK (purpose IN ('SECOND_FACTOR', 'ENROL_SECOND_FACTOR', 'PASSWORD_RESET', 'INVITATION')),
  token_hash text NOT NULL UNIQUE,
  device_hash text,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON partner_one_time_token (partner_user_id, purpose);
GRANT SELECT, INSERT, UPDATE ON partner_one_time_token TO los_identity;

CREATE TABLE partner_recovery_code (
  id uuid PRIMARY KEY,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  code_hash text NOT NULL,
  used_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (partner_user_id, code_hash)
);
GRANT SELECT, INSERT, UPDATE ON partner_recovery_code TO los_identity;

CREATE TABLE partner_password_history (
  id uuid PRIMARY KEY,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON partner_password_history (partner_user_id, created_at);
GRANT SELECT, INSERT ON partner_password_history TO los_identity;

-- A mail to a member of staff; the body is emptied once it is sent, for it may hold a link.
CREATE TABLE partner_notification (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  event text NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'SENT')),
  body_enc text,
  provider text,
  provider_message_id text,
  sent_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
SELECT tenant_table('partner_notification');

CREATE TABLE partner_user_rating_matrix (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  rated_by uuid NOT NULL REFERENCES partner_user (id),
  period_month date NOT NULL CHECK (extract(day FROM period_month) = 1),
  scores jsonb NOT NULL,
  average numeric(3,2) NOT NULL CHECK (average BETWEEN 1 AND 5),
  remark text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (brand_id, partner_user_id, period_month, rated_by)
);
SELECT tenant_table('partner_user_rating_matrix');

-- Work that changed hands stays as history: until when, and why.
ALTER TABLE loan_allotted_partner_user
  ADD COLUMN ended_at timestamptz,
  ADD COLUMN end_reason text;
CREATE INDEX ON loan_allotted_partner_user (brand_id, partner_user_id) WHERE is_active;
