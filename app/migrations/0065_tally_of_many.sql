-- A statement that changes thousands of rows is counted in one pass over them: no row is looked for among the changed
-- ones, of which the database does not know how many there are.

CREATE OR REPLACE FUNCTION tally_first_loans() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
  SELECT c.brand_id, 'customer.newcomer', '', false, india_day(c.registered_at), -count(*), 0, 0
  FROM (SELECT brand_id, customer_id, count(*) AS added FROM new_rows GROUP BY brand_id, customer_id) l
  JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
  WHERE c.registered_at IS NOT NULL AND c.erased_at IS NULL AND l.added = (
    SELECT count(*) FROM loan o WHERE o.brand_id = l.brand_id AND o.customer_id = l.customer_id)
  GROUP BY 1, 5;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tally_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
  WITH step AS (
    -- all steps of these loans, less the new ones: on a day there were so many before
    SELECT s.brand_id, s.entity_id, s.entity, s.to_state, s.created_at, 1 AS now, 1 AS before
    FROM (SELECT DISTINCT brand_id, entity_id FROM new_rows WHERE is_reached_kept(entity, to_state)) l
    JOIN state_change s ON s.brand_id = l.brand_id AND s.entity_id = l.entity_id
    WHERE is_reached_kept(s.entity, s.to_state)
    UNION ALL
    SELECT brand_id, entity_id, entity, to_state, created_at, 0, -1 FROM new_rows WHERE is_reached_kept(entity, to_state)
  ), on_day AS (
    SELECT brand_id, entity_id, entity, to_state, india_month(created_at) AS month, india_day(created_at) AS day,
      sum(now) AS now, sum(before) AS before
    FROM step GROUP BY 1, 2, 3, 4, 5, 6
  ), reached AS (
    SELECT brand_id, entity_id, entity, to_state, min(day) FILTER (WHERE now > 0) AS after,
      min(day) FILTER (WHERE before > 0) AS before
    FROM on_day GROUP BY brand_id, entity_id, entity, to_state, month
  )
  SELECT r.brand_id, r.entity || '.reached', r.to_state, false, d.day, sum(d.n),
    sum(d.n * coalesce(l.sanctioned_amount, l.applied_amount)), 0
  FROM reached r JOIN loan l ON l.brand_id = r.brand_id AND l.id = r.entity_id
  CROSS JOIN LATERAL (VALUES (1, r.after), (-1, r.before)) d(n, day)
  WHERE r.before IS DISTINCT FROM r.after AND d.day IS NOT NULL GROUP BY 1, 2, 3, 5;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tally_amounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO tally (brand_id, figure, state, signed, day, count, amount, owed)
  SELECT l.brand_id, s.entity || '.reached', s.to_state, false, s.day, 0, sum(l.more), 0
  FROM (
    SELECT brand_id, id, sum(amount) AS more FROM (
      SELECT brand_id, id, coalesce(sanctioned_amount, applied_amount) AS amount FROM new_rows
      UNION ALL SELECT brand_id, id, -coalesce(sanctioned_amount, applied_amount) FROM old_rows) c
    GROUP BY brand_id, id HAVING sum(amount) <> 0) l
  CROSS JOIN LATERAL (
    SELECT entity, to_state, min(india_day(created_at)) AS day FROM state_change
    WHERE brand_id = l.brand_id AND entity_id = l.id AND is_reached_kept(entity, to_state)
    GROUP BY entity, to_state, india_month(created_at)) s
  GROUP BY 1, 2, 3, 5;
  RETURN NULL;
END $$;
