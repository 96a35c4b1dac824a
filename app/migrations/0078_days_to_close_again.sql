-- A day that was closed before one that precedes it is closed again.

ALTER TABLE eod_step ADD COLUMN again boolean NOT NULL DEFAULT false;
