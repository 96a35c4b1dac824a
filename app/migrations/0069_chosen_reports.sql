-- What was chosen of a run beside its days, and how long a desk was open between two instants.

ALTER TABLE report_run ADD COLUMN options jsonb NOT NULL DEFAULT '{}';

-- Whole minutes from `since` to `until` that lie within the hours of India on the days of the week (MON, TUE, ...), but
-- not on a holiday. NULL if either is.
CREATE FUNCTION working_minutes(
  since timestamptz, until timestamptz, opens time, closes time, days text[], holidays date[]
) RETURNS bigint LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
  SELECT coalesce(floor(sum(greatest(0, extract(epoch FROM
    least(until AT TIME ZONE 'Asia/Kolkata', d.day + closes) - greatest(since AT TIME ZONE 'Asia/Kolkata', d.day + opens)
  ))) / 60), 0)::bigint
  FROM (
    SELECT g::date AS day FROM generate_series(
      (since AT TIME ZONE 'Asia/Kolkata')::date::timestamp, (until AT TIME ZONE 'Asia/Kolkata')::date::timestamp,
      interval '1 day') g
  ) d
  WHERE to_char(d.day, 'DY') = ANY (days) AND d.day <> ALL (holidays)
$$;
