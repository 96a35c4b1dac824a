-- What gateways told and nothing here can keep is listed: which event it was, and what is wrong with it.

ALTER TABLE webhook_event ADD COLUMN kind text, ADD COLUMN reason_code text;
ALTER TABLE webhook_event NO FORCE ROW LEVEL SECURITY;
UPDATE webhook_event SET reason_code = 'OTHER_CURRENCY' WHERE status = 'REFUSED';
ALTER TABLE webhook_event FORCE ROW LEVEL SECURITY;
ALTER TABLE webhook_event ADD CHECK ((status = 'REFUSED') = (reason_code IS NOT NULL));
CREATE INDEX webhook_event_refused ON webhook_event (brand_id, created_at) WHERE status = 'REFUSED';

-- What is left of money in suspense after some of it was used stays money of the same payment, and goes back as that does.
ALTER TABLE suspense_item
  ADD COLUMN rest_of uuid,
  ADD FOREIGN KEY (brand_id, rest_of) REFERENCES suspense_item (brand_id, id),
  DROP CONSTRAINT suspense_item_brand_id_provider_provider_payment_id_loan_id_key,
  ADD UNIQUE NULLS NOT DISTINCT (brand_id, provider, provider_payment_id, loan_id, rest_of);
