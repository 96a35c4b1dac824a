-- A backtest on a book that somebody sent: where it lies until the run has ended. Such a run is attached to no version.
ALTER TABLE policy_backtest
  ADD COLUMN book_key text,
  ADD COLUMN book_sha256 text,
  ADD CHECK ((book_key IS NULL) = (book_sha256 IS NULL));
