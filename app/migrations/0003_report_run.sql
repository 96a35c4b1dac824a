-- A run says whether personal data in it is unmasked, and at which stage it is; the same question is found again.

ALTER TABLE report_run
  ADD COLUMN unmasked boolean NOT NULL DEFAULT false,
  ADD COLUMN stage text;
CREATE INDEX ON report_run (brand_id, report_type, from_date, to_date, id);
