-- From when an entry settles, where that is before the day in whose books it is: what is kept of a payment that was
-- taken back in part settles from the payment's day, and the books have it from the day on which it was taken back.

ALTER TABLE journal_entry ADD COLUMN value_date date;
ALTER TABLE journal_entry NO FORCE ROW LEVEL SECURITY;
-- what was booked anew so far: right after the reversal, under the reference of what it took back and more
UPDATE journal_entry e SET value_date = e.business_date, business_date = r.business_date
FROM journal_entry r
WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id AND r.kind = 'REVERSAL'
  AND e.created_at BETWEEN r.created_at AND r.created_at + interval '1 minute'
  AND e.kind IN ('PAYMENT', 'FORECLOSURE', 'RECOVERY', 'SUSPENSE_IN') AND r.business_date > e.business_date
  AND starts_with(e.reference, r.facts ->> 'of_reference' || ':');
ALTER TABLE journal_entry FORCE ROW LEVEL SECURITY;
ALTER TABLE journal_entry ADD CHECK (value_date < business_date);
