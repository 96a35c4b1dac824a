-- The lists that a large book makes long, in the orders that people ask for: a page is read from an index, not sorted.
CREATE INDEX loan_by_applied_amount ON loan (brand_id, applied_amount, id);
CREATE INDEX loan_by_due_date ON loan (brand_id, due_date, id);
CREATE INDEX loan_by_amount ON loan (brand_id, coalesce(sanctioned_amount, applied_amount), id);
CREATE INDEX loan_by_tenure ON loan (brand_id, coalesce(tenure_days, applied_tenure_days), id);
-- the kind goes along so that what is not of it is not looked up
CREATE INDEX allotment_by_day ON loan_allotted_partner_user (brand_id, created_at, id) INCLUDE (kind);
CREATE INDEX allotment_by_amount ON loan_allotted_partner_user (brand_id, amount, id) INCLUDE (kind);
CREATE INDEX lead_form_by_day ON lead_form (brand_id, created_at, id);
CREATE INDEX user_notification_by_sent_at ON user_notification (brand_id, sent_at, id);
