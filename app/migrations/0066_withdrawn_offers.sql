-- What was proposed or offered may be taken back.

ALTER TABLE concession
  DROP CONSTRAINT concession_status_check,
  ADD CONSTRAINT concession_status_check
    CHECK (status IN ('PROPOSED', 'OFFERED', 'DONE', 'REJECTED', 'LAPSED', 'WITHDRAWN'));
