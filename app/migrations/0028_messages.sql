-- Messages: the brand's own templates, what customers want to hear, what becomes of a message, and what staff are told.

-- A version is never altered: another follows it. At most one of each code, channel and language is in force.
CREATE TABLE message_template (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  code text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  channel text NOT NULL CHECK (channel IN ('SMS', 'WHATSAPP', 'EMAIL')),
  language text NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  kind text NOT NULL CHECK (kind IN ('REQUIRED', 'DUES', 'SERVICE', 'PROMOTION')),
  status text NOT NULL CHECK (status IN ('DRAFT', 'ACTIVE', 'RETIRED')),
  subject text,
  body text NOT NULL,
  variables jsonb NOT NULL,
  dlt_template_id text,
  sender_header text,
  provider_ids jsonb NOT NULL DEFAULT '{}',
  remark text NOT NULL,
  made_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, code, channel, language, version)
);
CREATE UNIQUE INDEX one_active_template ON message_template (brand_id, code, channel, language) WHERE status = 'ACTIVE';
SELECT tenant_table('message_template');

-- What one customer wants: `stopped` are channel and kind, as "EMAIL:PROMOTION".
CREATE TABLE message_preference (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  preferred_channel text CHECK (preferred_channel IN ('SMS', 'WHATSAPP', 'EMAIL')),
  do_not_disturb boolean NOT NULL DEFAULT false,
  stopped jsonb NOT NULL DEFAULT '[]',
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, customer_id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
SELECT tenant_table('message_preference');

ALTER TABLE user_notification
  DROP CONSTRAINT user_notification_status_check,
  ADD CONSTRAINT user_notification_status_check
    CHECK (status IN ('PENDING', 'SENDING', 'SENT', 'FAILED', 'SUPPRESSED')),
  DROP CONSTRAINT user_notification_delivery_check,
  ADD CONSTRAINT user_notification_delivery_check
    CHECK (delivery IN ('SENT', 'DELIVERED', 'READ', 'FAILED', 'BOUNCED')),
  ADD COLUMN kind text NOT NULL DEFAULT 'SERVICE' CHECK (kind IN ('REQUIRED', 'DUES', 'SERVICE', 'PROMOTION')),
  ADD COLUMN language text NOT NULL DEFAULT 'en',
  ADD COLUMN template_id uuid,
  ADD COLUMN key text,
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN claimed_at timestamptz,
  ADD COLUMN reason text,
  ADD COLUMN cost_paise numeric(12, 2) NOT NULL DEFAULT 0,
  ADD COLUMN then_job text,
  ADD FOREIGN KEY (brand_id, template_id) REFERENCES message_template (brand_id, id),
  ADD UNIQUE (brand_id, key);
CREATE INDEX user_notification_made ON user_notification (brand_id, created_at);
CREATE INDEX user_notification_dead ON user_notification (brand_id, created_at) WHERE status = 'FAILED';

-- What somebody of the staff sees in the portal, and hears of at once.
CREATE TABLE staff_notification (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  event text NOT NULL,
  title text NOT NULL,
  text text NOT NULL,
  loan_id uuid,
  read_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE INDEX staff_notification_of ON staff_notification (brand_id, partner_user_id, id);
CREATE INDEX staff_notification_unread ON staff_notification (brand_id, partner_user_id) WHERE read_at IS NULL;
SELECT tenant_table('staff_notification');
