-- What the gateway said that it keeps of a payment, which its settlement has to fit.

ALTER TABLE payment_collection_transaction ADD COLUMN fee numeric(14, 2);
ALTER TABLE reconciliation_exception
  DROP CONSTRAINT reconciliation_exception_kind_check,
  ADD CONSTRAINT reconciliation_exception_kind_check CHECK (kind IN (
    'NOT_BOOKED', 'AMOUNT_DIFFERS', 'NET_DIFFERS', 'FEE_DIFFERS', 'NOT_SETTLED',
    'REFUND_NOT_BOOKED', 'REFUND_DIFFERS', 'REFUND_NOT_SETTLED', 'ADJUSTED', 'OTHER_CURRENCY', 'SETTLED_TWICE'));
