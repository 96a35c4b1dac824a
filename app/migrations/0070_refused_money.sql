-- What gateways told and nothing here can keep is listed: which event it was, and what is wrong with it.

ALTER TABLE webhook_event ADD COLUMN kind text, ADD COLUMN reason_code text;
ALTER TABLE webhook_event NO FORCE ROW LEVEL SECURITY;
UPDATE webhook_event SET reason_code = 'OTHER_CURRENCY' WHERE status = 'REFUSED';
ALTER TABLE webhook_event FORCE ROW LEVEL SECURITY;
ALTER TABLE webhook_event ADD CHECK ((status = 'REFUSED') = (reason_code IS NOT NULL));
CREATE INDEX webhook_event_refused ON webhook_event (brand_id, created_at) WHERE status = 'REFUSED';
