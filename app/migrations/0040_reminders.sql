-- What staff decided to say at a set time, to one customer or to a list of them.

CREATE TABLE campaign (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  name text NOT NULL,
  stage text NOT NULL,
  filters jsonb NOT NULL DEFAULT '{}',
  channel text NOT NULL CHECK (channel IN ('SMS', 'WHATSAPP', 'EMAIL')),
  template_code text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  per_minute integer NOT NULL CHECK (per_minute BETWEEN 1 AND 6000),
  status text NOT NULL CHECK (status IN ('DRAFT', 'GATHERING', 'RUNNING', 'PAUSED', 'STOPPED', 'COMPLETED')),
  recipient_count integer,
  fed_at timestamptz,
  ended_at timestamptz,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id)
);
CREATE INDEX campaign_running ON campaign (brand_id) WHERE status = 'RUNNING';
SELECT tenant_table('campaign');

CREATE TABLE user_reminder (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid,
  campaign_id uuid,
  channel text NOT NULL CHECK (channel IN ('SMS', 'WHATSAPP', 'EMAIL')),
  template_code text NOT NULL,
  payload_enc text NOT NULL,
  scheduled_at timestamptz NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'SENT', 'FAILED', 'CANCELLED')),
  message_id uuid,
  provider text,
  provider_message_id text,
  reason text,
  sent_at timestamptz,
  created_by text NOT NULL,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  -- a campaign reaches everybody once
  UNIQUE (brand_id, campaign_id, customer_id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, campaign_id) REFERENCES campaign (brand_id, id)
);
CREATE INDEX user_reminder_due ON user_reminder (brand_id, scheduled_at, id)
  WHERE status = 'PENDING' AND message_id IS NULL;
CREATE INDEX user_reminder_on_its_way ON user_reminder (brand_id, id)
  WHERE status = 'PENDING' AND message_id IS NOT NULL;
CREATE INDEX user_reminder_scheduled ON user_reminder (brand_id, scheduled_at);
CREATE INDEX user_reminder_customer ON user_reminder (brand_id, customer_id);
CREATE INDEX user_reminder_loan ON user_reminder (brand_id, loan_id) WHERE loan_id IS NOT NULL;
SELECT tenant_table('user_reminder');

CREATE TABLE campaign_recipient (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  campaign_id uuid NOT NULL,
  customer_id uuid NOT NULL,
  loan_id uuid,
  reminder_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, campaign_id, customer_id),
  FOREIGN KEY (brand_id, campaign_id) REFERENCES campaign (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id),
  FOREIGN KEY (brand_id, reminder_id) REFERENCES user_reminder (brand_id, id)
);
CREATE INDEX campaign_recipient_waiting ON campaign_recipient (brand_id, campaign_id, id) WHERE reminder_id IS NULL;
CREATE INDEX campaign_recipient_customer ON campaign_recipient (brand_id, customer_id);
CREATE INDEX campaign_recipient_reminder ON campaign_recipient (brand_id, reminder_id);
SELECT tenant_table('campaign_recipient');
