-- The audit trail as a chain: links over events, signed seals over links. See decision 0008.

ALTER TABLE audit_event
  ADD COLUMN subject_id uuid,
  ADD COLUMN device text;
CREATE INDEX ON audit_event (brand_id, subject_id, created_at) WHERE subject_id IS NOT NULL;
CREATE INDEX ON audit_event (brand_id, actor_id, created_at);
CREATE INDEX ON audit_event (brand_id, action, created_at);
CREATE INDEX ON audit_event (brand_id, request_id) WHERE request_id IS NOT NULL;

-- One link an event, under the event's id; `hash` is over the link before it and `event_hash`.
CREATE TABLE audit_link (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  seq bigint NOT NULL CHECK (seq > 0),
  event_hash text NOT NULL,
  hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, seq)
);
SELECT tenant_table('audit_link', 'SELECT, INSERT');

-- One seal a batch: the head of the chain at `seq`, signed with a key that the database does not have.
CREATE TABLE audit_seal (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  seq bigint NOT NULL,
  hash text NOT NULL,
  reached_at timestamptz NOT NULL,
  signature text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, seq)
);
SELECT tenant_table('audit_seal', 'SELECT, INSERT');

-- Nobody changes what was written, the owner included.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['audit_event', 'audit_link', 'audit_seal'] LOOP
    EXECUTE format('CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON %I
                    FOR EACH ROW EXECUTE FUNCTION never_changed()', name);
    EXECUTE format('CREATE TRIGGER never_truncated BEFORE TRUNCATE ON %I
                    FOR EACH STATEMENT EXECUTE FUNCTION never_changed()', name);
  END LOOP;
END $$;
