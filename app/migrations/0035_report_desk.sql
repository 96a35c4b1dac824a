-- Reports that are cancelled, mailed and scheduled; which files of a run there are; what its data was made of.

-- files: format -> whether it is there, or on its way. fingerprint: of what had been written to its tables by then.
ALTER TABLE report_run
  ADD COLUMN files jsonb,
  ADD COLUMN rows_done integer NOT NULL DEFAULT 0,
  ADD COLUMN fingerprint text,
  DROP CONSTRAINT report_run_status_check,
  ADD CONSTRAINT report_run_status_check CHECK (status IN ('QUEUED', 'RUNNING', 'READY', 'FAILED', 'CANCELLED'));

-- A report that somebody gets every morning.
CREATE TABLE report_schedule (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  report_type text NOT NULL,
  format text NOT NULL,
  days text NOT NULL CHECK (days IN ('YESTERDAY', 'LAST_7_DAYS', 'MONTH_TO_DATE')),
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, partner_user_id, report_type, days)
);
SELECT tenant_table('report_schedule', 'SELECT, INSERT, DELETE');

-- Who is mailed a link once a run is over. Of a schedule once a day, however often its job runs.
CREATE TABLE report_mail (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  run_id uuid NOT NULL,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  format text NOT NULL,
  schedule_id uuid,
  day date,
  sent_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, schedule_id, day),
  FOREIGN KEY (brand_id, run_id) REFERENCES report_run (brand_id, id)
);
CREATE INDEX report_mail_waiting ON report_mail (brand_id, run_id) WHERE sent_at IS NULL;
SELECT tenant_table('report_mail');
