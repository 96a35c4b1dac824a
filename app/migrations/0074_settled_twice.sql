-- What a gateway settled more than once is an exception, references are written one way, and a loan keeps what its brand
-- charges for a foreclosure on the day of its disbursal.

ALTER TABLE reconciliation_exception
  DROP CONSTRAINT reconciliation_exception_kind_check,
  ADD CONSTRAINT reconciliation_exception_kind_check CHECK (kind IN (
    'NOT_BOOKED', 'AMOUNT_DIFFERS', 'NET_DIFFERS', 'NOT_SETTLED',
    'REFUND_NOT_BOOKED', 'REFUND_DIFFERS', 'REFUND_NOT_SETTLED', 'ADJUSTED', 'OTHER_CURRENCY', 'SETTLED_TWICE'));

-- of a debit that somebody asked for: at most so much, as its bank may allow no more at once
ALTER TABLE mandate_presentation ADD COLUMN asked_amount numeric(14, 2) CHECK (asked_amount > 0);

ALTER TABLE payment_collection_transaction NO FORCE ROW LEVEL SECURITY;
UPDATE payment_collection_transaction SET reference = upper(reference) WHERE reference <> upper(reference);
ALTER TABLE payment_collection_transaction FORCE ROW LEVEL SECURITY;
ALTER TABLE suspense_item NO FORCE ROW LEVEL SECURITY;
UPDATE suspense_item SET reference = upper(reference) WHERE reference <> upper(reference);
ALTER TABLE suspense_item FORCE ROW LEVEL SECURITY;

ALTER TABLE loan ADD COLUMN foreclosure_percent numeric(5, 2) NOT NULL DEFAULT 0
  CHECK (foreclosure_percent BETWEEN 0 AND 10);
ALTER TABLE loan NO FORCE ROW LEVEL SECURITY;
UPDATE loan SET foreclosure_percent = (b.settings #>> '{repayment,foreclosurePercent}')::numeric
  FROM brand b WHERE b.id = loan.brand_id AND loan.disbursed_at IS NOT NULL
    AND b.settings #>> '{repayment,foreclosurePercent}' IS NOT NULL;
ALTER TABLE loan FORCE ROW LEVEL SECURITY;
