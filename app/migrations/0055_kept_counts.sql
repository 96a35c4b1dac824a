-- How many loans there are where, and of how much, kept as they change: whoever asks for the figures of a brand adds up
-- some rows instead of counting its book.

-- Each statement that changes what is counted adds rows with the difference, in its own transaction, and changes none:
-- nobody waits for anybody. Now and then the rows of the same figure are folded into one.
CREATE TABLE tally (
  brand_id text NOT NULL,
  id uuid NOT NULL DEFAULT uuidv7(),
  figure text NOT NULL,
  state text NOT NULL,
  signed boolean NOT NULL,
  day date,
  count bigint NOT NULL,
  amount numeric(14, 2) NOT NULL,
  owed numeric(14, 2) NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id)
);
CREATE INDEX tally_figure ON tally (brand_id, figure, state, day);
SELECT tenant_table('tally', 'SELECT, INSERT, DELETE');

CREATE FUNCTION india_day(at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS
  $$ SELECT (at AT TIME ZONE 'Asia/Kolkata')::date $$;

-- `query` says what the rows `changed` of a table count in: brand_id, figure, state, signed, day, count, amount, owed.
-- Each has an `n`: 1 as it is, -1 as it was. The function `counted_...` counts all of the table so, and two triggers
-- count what a statement changes.
CREATE TYPE counted AS (brand_id text, figure text, state text, signed boolean, day date, count bigint, amount numeric,
  owed numeric);
CREATE FUNCTION tally_changes(source regclass, query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  change record;
BEGIN
  EXECUTE format('CREATE FUNCTION counted_%1$s() RETURNS SETOF counted LANGUAGE sql STABLE AS $body$
    WITH changed AS (SELECT 1 AS n, t.* FROM %1$s t) %2$s $body$', source, query);
  FOR change IN SELECT * FROM (VALUES
    ('insert', 'NEW TABLE AS new_rows', 'SELECT 1 AS n, t.* FROM new_rows t'),
    ('update', 'NEW TABLE AS new_rows OLD TABLE AS old_rows',
      'SELECT 1 AS n, t.* FROM new_rows t UNION ALL SELECT -1, t.* FROM old_rows t')) v(event, tables, rows)
  LOOP
    EXECUTE format('CREATE FUNCTION tally_%1$s_%2$s() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN
      INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
      WITH changed AS (%3$s)
      SELECT brand_id, figure, state, signed, day, sum(count), sum(amount), sum(owed) FROM (%4$s) c
      GROUP BY 1, 2, 3, 4, 5 HAVING sum(count) <> 0 OR sum(amount) <> 0 OR sum(owed) <> 0;
      RETURN NULL; END $body$', source, change.event, change.rows, query);
    EXECUTE format('CREATE TRIGGER tally_%2$s AFTER %2$s ON %1$s REFERENCING %3$s
      FOR EACH STATEMENT EXECUTE FUNCTION tally_%1$s_%2$s()', source, change.event, change.tables);
  END LOOP;
END $$;

SELECT tally_changes('loan', $$
  SELECT l.brand_id, f.figure, f.state, f.signed, f.day, l.n AS count,
    l.n * coalesce(l.sanctioned_amount, l.applied_amount) AS amount,
    l.n * coalesce(l.outstanding_amount, l.repayment_amount, l.sanctioned_amount, l.applied_amount) AS owed
  FROM changed l CROSS JOIN LATERAL (VALUES
    ('loan.in', l.status, l.agreement_status = 'SIGNED', l.due_date),
    ('loan.applied', '', false, india_day(l.created_at)),
    ('loan.disbursed', '', false, india_day(l.disbursed_at))) f(figure, state, signed, day)
  WHERE f.figure <> 'loan.disbursed' OR f.day IS NOT NULL$$);

SELECT tally_changes('payment_collection_transaction', $$
  SELECT p.brand_id, 'payment.collected' AS figure, '' AS state, false AS signed, p.received_on AS day, p.n AS count,
    p.n * (p.amount - p.reversed_amount) AS amount, 0 AS owed
  FROM changed p WHERE p.status = 'SUCCESS'$$);

SELECT tally_changes('customer', $$
  SELECT c.brand_id, 'customer.newcomer' AS figure, '' AS state, false AS signed, india_day(c.registered_at) AS day,
    c.n AS count, 0 AS amount, 0 AS owed
  FROM changed c WHERE c.registered_at IS NOT NULL AND c.erased_at IS NULL
    AND NOT EXISTS (SELECT FROM loan l WHERE l.brand_id = c.brand_id AND l.customer_id = c.id)$$);

-- Who applies for the first time is no newcomer any more.
CREATE FUNCTION tally_first_loans() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
  SELECT c.brand_id, 'customer.newcomer', '', false, india_day(c.registered_at), -count(*), 0, 0
  FROM (SELECT DISTINCT brand_id, customer_id FROM new_rows) l
  JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
  WHERE c.registered_at IS NOT NULL AND c.erased_at IS NULL AND NOT EXISTS (
    SELECT FROM loan o WHERE o.brand_id = c.brand_id AND o.customer_id = c.id
      AND NOT EXISTS (SELECT FROM new_rows n WHERE n.brand_id = o.brand_id AND n.id = o.id))
  GROUP BY 1, 5;
  RETURN NULL;
END $$;
CREATE TRIGGER tally_first AFTER INSERT ON loan REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION tally_first_loans();

-- Of these states it is kept when loans came there. Loans fall overdue by the thousand, and nobody asks when.
CREATE FUNCTION is_reached_kept(entity text, state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (entity, state) IN (('loan', 'CREDIT_EXECUTIVE_APPROVED'), ('loan', 'APPROVED'), ('loan', 'REJECTED'),
    ('loan', 'DISBURSED'), ('agreement', 'SIGNED'))
$$;
CREATE FUNCTION india_month(at timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE AS
  $$ SELECT date_trunc('month', at AT TIME ZONE 'Asia/Kolkata') $$;

-- A loan counts on the day on which it came to a state for the first time in a month: a month counts each once.
CREATE FUNCTION counted_reached() RETURNS SETOF counted LANGUAGE sql STABLE AS $$
  SELECT l.brand_id, r.figure, r.state, false AS signed, r.day, 1 AS count,
    coalesce(l.sanctioned_amount, l.applied_amount) AS amount, 0 AS owed
  FROM (
    SELECT brand_id, entity_id, entity || '.reached' AS figure, to_state AS state, min(india_day(created_at)) AS day
    FROM state_change WHERE is_reached_kept(entity, to_state)
    GROUP BY brand_id, entity_id, entity, to_state, india_month(created_at)) r
  JOIN loan l ON l.brand_id = r.brand_id AND l.id = r.entity_id
$$;

CREATE FUNCTION tally_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
  WITH step AS (
    SELECT DISTINCT brand_id, entity_id, entity, to_state, india_month(created_at) AS month
    FROM new_rows WHERE is_reached_kept(entity, to_state)
  ), reached AS (
    SELECT t.*, s.after, s.before FROM step t CROSS JOIN LATERAL (
      SELECT min(india_day(s.created_at)) AS after, min(india_day(s.created_at)) FILTER (
        WHERE NOT EXISTS (SELECT FROM new_rows n WHERE n.brand_id = s.brand_id AND n.id = s.id)) AS before
      FROM state_change s WHERE s.brand_id = t.brand_id AND s.entity_id = t.entity_id AND s.entity = t.entity
        AND s.to_state = t.to_state AND india_month(s.created_at) = t.month) s
    WHERE s.before IS DISTINCT FROM s.after
  )
  SELECT r.brand_id, r.entity || '.reached', r.to_state, false, d.day, sum(d.n),
    sum(d.n * coalesce(l.sanctioned_amount, l.applied_amount)), 0
  FROM reached r JOIN loan l ON l.brand_id = r.brand_id AND l.id = r.entity_id
  CROSS JOIN LATERAL (VALUES (1, r.after), (-1, r.before)) d(n, day)
  WHERE d.day IS NOT NULL GROUP BY 1, 2, 3, 5;
  RETURN NULL;
END $$;
CREATE TRIGGER tally_insert AFTER INSERT ON state_change REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION tally_steps();

-- What a loan is about changes after some of its steps.
CREATE FUNCTION tally_amounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
  SELECT l.brand_id, s.entity || '.reached', s.to_state, false, s.day, 0, sum(l.more), 0
  FROM (
    SELECT a.brand_id, a.id, coalesce(a.sanctioned_amount, a.applied_amount)
      - coalesce(b.sanctioned_amount, b.applied_amount) AS more
    FROM new_rows a JOIN old_rows b ON b.brand_id = a.brand_id AND b.id = a.id) l
  CROSS JOIN LATERAL (
    SELECT entity, to_state, min(india_day(created_at)) AS day FROM state_change
    WHERE brand_id = l.brand_id AND entity_id = l.id AND is_reached_kept(entity, to_state)
    GROUP BY entity, to_state, india_month(created_at)) s
  WHERE l.more <> 0 GROUP BY 1, 2, 3, 5;
  RETURN NULL;
END $$;
CREATE TRIGGER tally_amount AFTER UPDATE ON loan REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION tally_amounts();

-- Rows of the same figure become one. A reader sees those before or the one after; how many there are less.
CREATE FUNCTION tally_fold(brand text) RETURNS bigint LANGUAGE sql AS $$
  WITH gone AS (
    DELETE FROM tally t USING (
      SELECT figure, state, signed, day FROM tally WHERE brand_id = brand GROUP BY 1, 2, 3, 4 HAVING count(*) > 1) m
    WHERE t.brand_id = brand AND t.figure = m.figure AND t.state = m.state AND t.signed = m.signed
      AND t.day IS NOT DISTINCT FROM m.day
    RETURNING t.*
  ), folded AS (
    INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
    SELECT brand_id, figure, state, signed, day, sum(count), sum(amount), sum(owed) FROM gone GROUP BY 1, 2, 3, 4, 5
    HAVING sum(count) <> 0 OR sum(amount) <> 0 OR sum(owed) <> 0 RETURNING 1
  )
  SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM folded)
$$;

-- What is kept less what a count of everything gives, in one snapshot: nothing, unless rows came past the triggers.
-- Adds what is missing; how many figures were not right.
CREATE FUNCTION tally_mend(brand text) RETURNS bigint LANGUAGE sql AS $$
  WITH mended AS (
    INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
    SELECT brand, figure, state, signed, day, sum(count), sum(amount), sum(owed) FROM (
      SELECT * FROM counted_loan()
      UNION ALL SELECT * FROM counted_payment_collection_transaction()
      UNION ALL SELECT * FROM counted_customer()
      UNION ALL SELECT * FROM counted_reached()
      UNION ALL SELECT brand_id, figure, state, signed, day, -count, -amount, -owed FROM tally) c
    WHERE brand_id = brand GROUP BY 1, 2, 3, 4, 5
    HAVING sum(count) <> 0 OR sum(amount) <> 0 OR sum(owed) <> 0 RETURNING 1
  )
  SELECT count(*) FROM mended
$$;

-- What was there before. The owner is under row-level security as well: for this one look at the brands it is not.
ALTER TABLE brand NO FORCE ROW LEVEL SECURITY;
DO $$
DECLARE
  one text;
BEGIN
  FOR one IN SELECT id FROM brand LOOP
    PERFORM set_config('app.brand_id', one, true);
    PERFORM tally_mend(one);
  END LOOP;
END $$;
ALTER TABLE brand FORCE ROW LEVEL SECURITY;
