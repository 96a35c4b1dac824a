-- Reports are mailed at the hour that whoever wants them chose; a run whose time has passed says so.

ALTER TABLE report_schedule ADD COLUMN hour smallint NOT NULL DEFAULT 7 CHECK (hour BETWEEN 0 AND 23);

ALTER TABLE report_run
  DROP CONSTRAINT report_run_status_check,
  ADD CONSTRAINT report_run_status_check
    CHECK (status IN ('QUEUED', 'RUNNING', 'READY', 'FAILED', 'CANCELLED', 'EXPIRED'));
UPDATE report_run SET status = 'EXPIRED' WHERE status = 'FAILED' AND erased_at IS NOT NULL;
-- what was begun or waits is looked at every half hour
CREATE INDEX report_run_on_its_way ON report_run (brand_id, created_at) WHERE status IN ('QUEUED', 'RUNNING');
