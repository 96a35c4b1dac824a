-- What came of each trip of a visit, and the money that was taken on it; complaints have somebody who answers them, go
-- to a head in time, and come from customers too. When it was said whether a trace is right.

ALTER TABLE field_visit
  ADD COLUMN earlier_trips jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN manual_payment_id uuid,
  ADD FOREIGN KEY (brand_id, manual_payment_id) REFERENCES manual_payment (brand_id, id);

ALTER TABLE complaint
  ADD COLUMN assigned_to uuid REFERENCES partner_user (id),
  ADD COLUMN escalated_at timestamptz,
  DROP CONSTRAINT complaint_status_check,
  ADD CONSTRAINT complaint_status_check CHECK (status IN ('OPEN', 'ESCALATED', 'RESOLVED'));
CREATE INDEX complaint_of_loan ON complaint (brand_id, loan_id);

ALTER TABLE skip_trace ADD COLUMN verified_at timestamptz;
