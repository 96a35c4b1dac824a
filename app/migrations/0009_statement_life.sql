-- Statements that a brand's analyser reads where our own readers cannot, and how long statements are kept.

-- `own_status` is what our own reader came to where the analyser was asked instead; `read_by` whose transactions count.
-- What was there before is kept a year from here.
ALTER TABLE bank_account_statement
  ADD COLUMN read_by text NOT NULL DEFAULT 'own',
  ADD COLUMN own_status text,
  ADD COLUMN analyser_asked_at timestamptz,
  ADD COLUMN delete_after timestamptz NOT NULL DEFAULT now() + interval '365 days';
ALTER TABLE bank_account_statement ALTER COLUMN delete_after DROP DEFAULT;
CREATE INDEX ON bank_account_statement (brand_id, delete_after) WHERE status <> 'DELETED';
CREATE INDEX ON bank_account_statement (brand_id, analyser_status) WHERE analyser_status IN ('QUEUED', 'SUBMITTED');
