-- The class of a loan is an event of its journal. It is asked for each loan each day, and few have one.

CREATE INDEX journal_entry_class ON journal_entry (brand_id, loan_id, business_date) WHERE kind IN ('NPA', 'UPGRADE');
