-- What was booked for a day that was over: the days of the loan from then on are closed again.

CREATE TABLE late_booking (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  loan_id uuid NOT NULL,
  from_day date NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, loan_id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
SELECT tenant_table('late_booking', 'SELECT, INSERT, UPDATE, DELETE');

-- An entry's lines come in one statement, which is checked once: row by row it took longer than writing them.
DROP TRIGGER balanced ON journal_line;
CREATE OR REPLACE FUNCTION journal_entry_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong uuid; difference numeric;
BEGIN
  SELECT entry_id, sum(debit) - sum(credit) INTO wrong, difference FROM added
  GROUP BY brand_id, entry_id HAVING sum(debit) <> sum(credit) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal entry % is out of balance by %', wrong, difference USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER balanced AFTER INSERT ON journal_line REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION journal_entry_balances();
