-- Of money in suspense a part is placed or given back, as often as there is something left.

ALTER TABLE suspense_item
  ADD COLUMN proposed_amount numeric(14, 2) CHECK (proposed_amount > 0),
  DROP CONSTRAINT suspense_item_brand_id_provider_provider_payment_id_loan_id_key;
CREATE UNIQUE INDEX suspense_item_whole ON suspense_item (brand_id, provider, provider_payment_id, loan_id)
  NULLS NOT DISTINCT WHERE rest_of IS NULL;
CREATE INDEX suspense_item_payment ON suspense_item (brand_id, provider, provider_payment_id);

-- What one dispute took may be of parts on several loans.
DROP INDEX payment_reversal_dispute;
CREATE UNIQUE INDEX payment_reversal_dispute ON payment_reversal (brand_id, dispute_id, transaction_id);
