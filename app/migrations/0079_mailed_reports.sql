-- A report is mailed to several of the staff as often as a schedule says, and what became of each mail stays told.

ALTER TABLE report_schedule
  ADD COLUMN group_by text,
  ADD COLUMN options jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN cadence text NOT NULL DEFAULT 'DAILY' CHECK (cadence IN ('DAILY', 'WEEKLY', 'MONTHLY')),
  ADD COLUMN weekday text CHECK (weekday IN ('MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN')),
  ADD COLUMN month_day smallint CHECK (month_day BETWEEN 1 AND 31),
  ADD COLUMN recipients uuid[] NOT NULL DEFAULT '{}',
  ADD COLUMN is_standing boolean NOT NULL DEFAULT false,
  ADD COLUMN next_at timestamptz,
  ADD COLUMN last_day date,
  ALTER COLUMN partner_user_id DROP NOT NULL,
  ADD CHECK ((cadence = 'WEEKLY') = (weekday IS NOT NULL)),
  ADD CHECK ((cadence = 'MONTHLY') = (month_day IS NOT NULL)),
  ADD CHECK (is_standing = (partner_user_id IS NULL)),
  DROP CONSTRAINT report_schedule_days_check,
  ADD CONSTRAINT report_schedule_days_check
    CHECK (days IN ('YESTERDAY', 'LAST_7_DAYS', 'LAST_WEEK', 'MONTH_TO_DATE', 'LAST_MONTH')),
  DROP CONSTRAINT report_schedule_brand_id_partner_user_id_report_type_days_key;
CREATE UNIQUE INDEX report_schedule_same ON report_schedule
  (brand_id, partner_user_id, report_type, days, cadence, weekday, month_day, group_by, options) NULLS NOT DISTINCT;
CREATE INDEX report_schedule_due ON report_schedule (brand_id, next_at) WHERE next_at IS NOT NULL;
GRANT UPDATE ON report_schedule TO los_app;

-- Somebody who may not read the report any more is skipped; then there need be no run.
ALTER TABLE report_mail
  ALTER COLUMN run_id DROP NOT NULL,
  ADD COLUMN skipped text,
  ADD CHECK (run_id IS NOT NULL OR skipped IS NOT NULL),
  DROP CONSTRAINT report_mail_brand_id_schedule_id_day_key,
  ADD UNIQUE (brand_id, schedule_id, day, partner_user_id);
DROP INDEX report_mail_waiting;
CREATE INDEX report_mail_waiting ON report_mail (brand_id, run_id) WHERE sent_at IS NULL AND skipped IS NULL;

-- What is scheduled goes on at its hour, for whom it was made.
UPDATE report_schedule s SET
  recipients = ARRAY[partner_user_id],
  last_day = (SELECT max(m.day) FROM report_mail m WHERE m.brand_id = s.brand_id AND m.schedule_id = s.id),
  next_at = (SELECT CASE WHEN today.due > now() THEN today.due ELSE today.due + interval '1 day' END FROM (
    SELECT (date_trunc('day', now() AT TIME ZONE 'Asia/Kolkata') + make_interval(hours => s.hour))
      AT TIME ZONE 'Asia/Kolkata' AS due) today);
