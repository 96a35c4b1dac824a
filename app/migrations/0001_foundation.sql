-- Brands, staff, and what every domain stands on: outbox, webhook inbox, idempotency, audit, histories.

GRANT USAGE ON SCHEMA public TO los_app, los_relay, los_identity;

-- Makes a table a tenant table: rows are seen and written only under their brand, also by the owner.
-- A transaction without a brand sees nothing (the setting is NULL or empty, and equals no brand).
CREATE FUNCTION tenant_table(name regclass, rights text DEFAULT 'SELECT, INSERT, UPDATE') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('CREATE POLICY own_brand ON %s USING (brand_id = (SELECT current_setting(''app.brand_id'', true)))
                  WITH CHECK (brand_id = (SELECT current_setting(''app.brand_id'', true)))', name);
  EXECUTE format('GRANT %s ON %s TO los_app', rights, name);
END $$;

CREATE TABLE brand (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9]{1,30}$'),
  name text NOT NULL,
  settings jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE brand ENABLE ROW LEVEL SECURITY;
ALTER TABLE brand FORCE ROW LEVEL SECURITY;
CREATE POLICY own_brand ON brand FOR ALL TO los_app USING (id = (SELECT current_setting('app.brand_id', true)))
  WITH CHECK (id = (SELECT current_setting('app.brand_id', true)));
CREATE POLICY all_brands ON brand FOR SELECT TO los_identity USING (true);
GRANT SELECT, INSERT, UPDATE ON brand TO los_app;
GRANT SELECT ON brand TO los_identity;

-- Staff may work for several brands, so the person is not a tenant row; the assignment is.
CREATE TABLE partner_user (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL,
  password_hash text NOT NULL,
  is_active boolean NOT NULL DEFAULT true,
  failed_logins integer NOT NULL DEFAULT 0,
  locked_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON partner_user TO los_identity;
GRANT SELECT (id, email, name, is_active, created_at) ON partner_user TO los_app;

CREATE TABLE partner_user_brand_role (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  role text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (brand_id, partner_user_id, role)
);
SELECT tenant_table('partner_user_brand_role', 'SELECT, INSERT, DELETE');
CREATE POLICY all_brands ON partner_user_brand_role FOR SELECT TO los_identity USING (true);
CREATE POLICY seed_brands ON partner_user_brand_role FOR INSERT TO los_identity WITH CHECK (true);
GRANT SELECT, INSERT ON partner_user_brand_role TO los_identity;

CREATE TABLE partner_login_token (
  id uuid PRIMARY KEY,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON partner_login_token TO los_identity;
GRANT SELECT ON partner_login_token TO los_app;

CREATE TABLE partner_user_login_log (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  partner_user_id uuid REFERENCES partner_user (id),
  success boolean NOT NULL,
  ip text,
  user_agent text,
  device_fingerprint text,
  created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON partner_user_login_log TO los_identity;

CREATE TABLE partner_unavailability_date (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  day date NOT NULL,
  reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (brand_id, partner_user_id, day)
);
SELECT tenant_table('partner_unavailability_date', 'SELECT, INSERT, DELETE');

CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  job text NOT NULL,
  args jsonb NOT NULL,
  queue text NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'DISPATCHED', 'DONE', 'DEAD')),
  attempts integer NOT NULL DEFAULT 0,
  attempts_max integer NOT NULL,
  lease_s integer NOT NULL,
  available_at timestamptz NOT NULL,
  dispatched_at timestamptz,
  finished_at timestamptz,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_due ON outbox (available_at) WHERE status IN ('PENDING', 'DISPATCHED');
SELECT tenant_table('outbox');
CREATE POLICY relay ON outbox TO los_relay USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (status, dispatched_at) ON outbox TO los_relay;

CREATE TABLE webhook_event (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  provider text NOT NULL,
  event_id text NOT NULL,
  body text NOT NULL,
  status text NOT NULL CHECK (status IN ('RECEIVED', 'PROCESSED')),
  processed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (brand_id, provider, event_id)
);
SELECT tenant_table('webhook_event');

CREATE TABLE idempotency_key (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  principal text NOT NULL,
  route text NOT NULL,
  key text NOT NULL,
  body_hash text NOT NULL,
  status integer NOT NULL,
  response text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (brand_id, principal, route, key)
);
SELECT tenant_table('idempotency_key', 'SELECT, INSERT');

CREATE TABLE provider_call (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  provider text NOT NULL,
  operation text NOT NULL,
  path text NOT NULL,
  status integer,
  outcome text NOT NULL,
  attempt integer NOT NULL,
  duration_ms integer NOT NULL,
  request jsonb,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON provider_call (brand_id, created_at);
SELECT tenant_table('provider_call', 'SELECT, INSERT');

CREATE TABLE audit_event (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  actor_id text NOT NULL,
  actor_role text NOT NULL,
  action text NOT NULL,
  entity text NOT NULL,
  entity_id uuid,
  before jsonb,
  after jsonb,
  reason text,
  request_id text,
  ip text,
  user_agent text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON audit_event (brand_id, entity_id);
SELECT tenant_table('audit_event', 'SELECT, INSERT');

CREATE TABLE state_change (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  entity text NOT NULL,
  entity_id uuid NOT NULL,
  from_state text,
  to_state text NOT NULL,
  actor_id text NOT NULL,
  actor_role text NOT NULL,
  reason_code text,
  remark text,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON state_change (brand_id, entity_id);
SELECT tenant_table('state_change', 'SELECT, INSERT');

-- Numbers that people read out (loan and customer numbers): one row a brand and kind.
CREATE TABLE number_series (
  id uuid PRIMARY KEY,
  brand_id text NOT NULL REFERENCES brand (id),
  kind text NOT NULL,
  last integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (brand_id, kind)
);
SELECT tenant_table('number_series');
