-- What customers write back, the channel that stands in for one that failed, mails to staff that do not leave, and
-- calls that come in.

-- `customer_id` is null where nobody of the brand has that number.
CREATE TABLE incoming_message (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('SMS', 'WHATSAPP')),
  provider text NOT NULL,
  customer_id uuid,
  sender_enc text,
  text_enc text,
  wish text CHECK (wish IN ('STOP', 'START')),
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX incoming_message_made ON incoming_message (brand_id, created_at);
CREATE INDEX incoming_message_customer ON incoming_message (brand_id, customer_id);
SELECT tenant_table('incoming_message');

ALTER TABLE user_notification
  ADD COLUMN stands_in_for uuid,
  ADD FOREIGN KEY (brand_id, stands_in_for) REFERENCES user_notification (brand_id, id);
-- a message is stood in for once
CREATE UNIQUE INDEX user_notification_stand_in ON user_notification (brand_id, stands_in_for)
  WHERE stands_in_for IS NOT NULL;

ALTER TABLE partner_notification
  DROP CONSTRAINT partner_notification_status_check,
  ADD CONSTRAINT partner_notification_status_check CHECK (status IN ('PENDING', 'SENT', 'FAILED')),
  ADD COLUMN attempts integer NOT NULL DEFAULT 0,
  ADD COLUMN reason text,
  ADD COLUMN delivery text CHECK (delivery IN ('SENT', 'DELIVERED', 'READ', 'FAILED', 'BOUNCED')),
  ADD COLUMN delivery_at timestamptz,
  ADD COLUMN delivery_reason text;
CREATE INDEX partner_notification_dead ON partner_notification (brand_id, created_at)
  WHERE status = 'FAILED' OR delivery IN ('FAILED', 'BOUNCED');
CREATE INDEX partner_notification_sent_as ON partner_notification (brand_id, provider_message_id);

-- Nobody of the staff may have taken a call that came in, and no phone of ours rang for it.
ALTER TABLE user_call
  ADD COLUMN direction text NOT NULL DEFAULT 'OUTBOUND' CHECK (direction IN ('OUTBOUND', 'INBOUND')),
  ALTER COLUMN partner_user_id DROP NOT NULL,
  ALTER COLUMN extension DROP NOT NULL,
  ADD CHECK (direction = 'INBOUND' OR (partner_user_id IS NOT NULL AND extension IS NOT NULL));
DROP INDEX one_going_call_per_customer;
CREATE UNIQUE INDEX one_going_call_per_customer ON user_call (brand_id, customer_id)
  WHERE direction = 'OUTBOUND' AND status IN ('INITIATED', 'DIALLING', 'RINGING', 'CONNECTED', 'UNKNOWN');
ALTER TABLE user_call_event
  DROP CONSTRAINT user_call_event_fault_check,
  ADD CONSTRAINT user_call_event_fault_check
    CHECK (fault IN ('NOT_OURS', 'OTHER_NUMBER', 'OTHER_CALL', 'UNKNOWN_CALLER'));
CREATE INDEX user_call_event_unknown ON user_call_event (brand_id, created_at) WHERE fault = 'UNKNOWN_CALLER';
