-- What a gateway settled without us is booked from its own report, and every difference tells how it was resolved.

ALTER TABLE settlement_line ADD COLUMN provider_order_id text;
ALTER TABLE reconciliation_exception
  ADD COLUMN resolution text CHECK (resolution IN ('FITS', 'LOOKED_INTO', 'BOOKED', 'IN_SUSPENSE'));
