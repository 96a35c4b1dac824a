-- What a gateway settles beside payments and refunds, what it kept of each, and refunds that it never settled; and the
-- payment that somebody told of before the gateway did.

ALTER TABLE settlement_line ADD COLUMN dispute_id text;
ALTER TABLE reconciliation ADD COLUMN tax_amount numeric(14, 2) NOT NULL DEFAULT 0;
ALTER TABLE reconciliation_exception
  DROP CONSTRAINT reconciliation_exception_kind_check,
  ADD CONSTRAINT reconciliation_exception_kind_check CHECK (kind IN (
    'NOT_BOOKED', 'AMOUNT_DIFFERS', 'NET_DIFFERS', 'NOT_SETTLED',
    'REFUND_NOT_BOOKED', 'REFUND_DIFFERS', 'REFUND_NOT_SETTLED', 'ADJUSTED'));

ALTER TABLE suspense_item
  DROP CONSTRAINT suspense_item_kind_check,
  ADD CONSTRAINT suspense_item_kind_check
    CHECK (kind IN ('UNKNOWN', 'OVERPAYMENT', 'CLOSED_LOAN', 'MISPOSTED', 'TOLD_TWICE'));
