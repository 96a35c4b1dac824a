-- Auditors read the journal of a brand by its business days.
CREATE INDEX journal_entry_day ON journal_entry (brand_id, business_date, id);
