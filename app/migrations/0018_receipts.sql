-- What providers tell of messages after they took them.
ALTER TABLE user_notification
  ADD COLUMN delivery text CHECK (delivery IN ('SENT', 'DELIVERED', 'READ', 'FAILED')),
  ADD COLUMN delivery_at timestamptz,
  ADD COLUMN delivery_reason text;
CREATE INDEX ON user_notification (brand_id, provider, provider_message_id);
