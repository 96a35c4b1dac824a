-- What the rows of a run are grouped by, where whoever asks may choose.
ALTER TABLE report_run ADD COLUMN group_by text;
