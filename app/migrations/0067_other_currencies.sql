-- Money that is not in rupees: what a gateway tells of it stays in the inbox, and its settlement is an exception.

ALTER TABLE webhook_event
  ADD COLUMN reason text,
  DROP CONSTRAINT webhook_event_status_check,
  ADD CONSTRAINT webhook_event_status_check CHECK (status IN ('RECEIVED', 'PROCESSED', 'REFUSED')),
  ADD CHECK ((status = 'REFUSED') = (reason IS NOT NULL));
ALTER TABLE reconciliation_exception
  DROP CONSTRAINT reconciliation_exception_kind_check,
  ADD CONSTRAINT reconciliation_exception_kind_check CHECK (kind IN (
    'NOT_BOOKED', 'AMOUNT_DIFFERS', 'NET_DIFFERS', 'NOT_SETTLED',
    'REFUND_NOT_BOOKED', 'REFUND_DIFFERS', 'REFUND_NOT_SETTLED', 'ADJUSTED', 'OTHER_CURRENCY'));
