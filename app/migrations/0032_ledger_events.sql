-- What an event said is kept with its entry, so that it is read back as it was told; money of which nobody knows yet
-- whose it is stands in entries of no loan; and a loan keeps the order in which its payments settle what is owed.

ALTER TABLE journal_entry ALTER COLUMN loan_id DROP NOT NULL;
ALTER TABLE journal_entry ADD COLUMN facts jsonb NOT NULL DEFAULT '{}';

-- The owner is under row-level security as well: for this one statement it is not, because it copies within each brand.
ALTER TABLE journal_entry NO FORCE ROW LEVEL SECURITY;
ALTER TABLE journal_line NO FORCE ROW LEVEL SECURITY;
UPDATE journal_entry e SET facts = jsonb_strip_nulls(CASE e.kind
    WHEN 'DISBURSAL' THEN jsonb_build_object(
      'principal', (sums.bank + sums.fee + sums.gst)::text, 'fee', sums.fee::text, 'gst', sums.gst::text)
    WHEN 'COOLING_OFF' THEN jsonb_build_object('fee', sums.fee::text, 'gst', sums.gst::text)
    WHEN 'PENAL_CHARGE' THEN jsonb_build_object('amount', sums.penal::text)
    WHEN 'PAYMENT' THEN jsonb_build_object('amount', sums.collection::text)
    ELSE '{}' END)
FROM (
  SELECT brand_id, entry_id,
    coalesce(sum(debit + credit) FILTER (WHERE account = 'BANK'), 0.00) AS bank,
    coalesce(sum(debit + credit) FILTER (WHERE account = 'FEE_INCOME'), 0.00) AS fee,
    coalesce(sum(debit + credit) FILTER (WHERE account = 'GST_PAYABLE'), 0.00) AS gst,
    coalesce(sum(debit + credit) FILTER (WHERE account = 'PENAL_INCOME'), 0.00) AS penal,
    coalesce(sum(debit + credit) FILTER (WHERE account = 'COLLECTION'), 0.00) AS collection
  FROM journal_line GROUP BY brand_id, entry_id
) sums
WHERE (sums.brand_id, sums.entry_id) = (e.brand_id, e.id);
ALTER TABLE journal_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE journal_line FORCE ROW LEVEL SECURITY;

ALTER TABLE loan ADD COLUMN payment_order text[] NOT NULL DEFAULT '{INTEREST,PRINCIPAL,PENAL,CHARGE}'
  CHECK (payment_order @> '{INTEREST,PRINCIPAL,PENAL,CHARGE}' AND cardinality(payment_order) = 4);
