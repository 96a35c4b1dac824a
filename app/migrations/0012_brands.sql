-- Brands: the history of their settings, the Super Admin's view and scope, and keys that carry the brand everywhere.

-- Which version of the settings is in force; `settings` is its content.
ALTER TABLE brand ADD COLUMN settings_number integer NOT NULL DEFAULT 1;

CREATE TABLE brand_settings_version (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  settings jsonb NOT NULL,
  changes jsonb NOT NULL,
  remark text NOT NULL,
  made_by text NOT NULL,
  effective_from timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, number)
);
-- The owner is under row-level security as well: for this one statement it is not, because it copies within each brand.
ALTER TABLE brand NO FORCE ROW LEVEL SECURITY;
INSERT INTO brand_settings_version (brand_id, id, number, settings, changes, remark, made_by, effective_from)
  SELECT id, gen_random_uuid(), 1, settings, '[]', 'As it was before versions were kept', 'system', created_at FROM brand;
ALTER TABLE brand FORCE ROW LEVEL SECURITY;
SELECT tenant_table('brand_settings_version', 'SELECT, INSERT');
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON brand_settings_version
  FOR EACH ROW EXECUTE FUNCTION never_changed();

-- A Super Admin at work in a brand that gave them no role: why, and until when.
CREATE TABLE admin_scope (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  reason text NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id)
);
CREATE INDEX ON admin_scope (brand_id, partner_user_id, expires_at);
SELECT tenant_table('admin_scope');

-- los_admin looks across brands and counts: it reads the columns that are granted here, and writes nothing.
GRANT USAGE ON SCHEMA public TO los_admin;
CREATE POLICY counted ON brand FOR SELECT TO los_admin USING (true);
CREATE POLICY counted ON partner_user_brand_role FOR SELECT TO los_admin USING (true);
CREATE POLICY counted ON customer FOR SELECT TO los_admin USING (true);
CREATE POLICY counted ON loan FOR SELECT TO los_admin USING (true);
CREATE POLICY counted ON outbox FOR SELECT TO los_admin USING (true);
CREATE POLICY counted ON admin_scope FOR SELECT TO los_admin USING (true);
GRANT SELECT (id, name, settings_number, created_at) ON brand TO los_admin;
GRANT SELECT (brand_id, partner_user_id, role) ON partner_user_brand_role TO los_admin;
GRANT SELECT (brand_id, id) ON customer TO los_admin;
GRANT SELECT (brand_id, status) ON loan TO los_admin;
GRANT SELECT (brand_id, status, available_at) ON outbox TO los_admin;
GRANT SELECT (brand_id, partner_user_id, ended_at, expires_at) ON admin_scope TO los_admin;

-- A key that is the id alone tells one brand, by its error, that another has a row of that id. So a tenant table's key
-- begins with the brand, also where a migration writes `id uuid PRIMARY KEY`.
CREATE FUNCTION widen_key(name regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  narrow text;
BEGIN
  SELECT conname INTO narrow FROM pg_constraint
    WHERE conrelid = name AND contype = 'p' AND pg_get_constraintdef(oid) = 'PRIMARY KEY (id)';
  IF FOUND THEN
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD PRIMARY KEY (brand_id, id)', name, narrow);
  END IF;
END $$;

CREATE OR REPLACE FUNCTION tenant_table(name regclass, rights text DEFAULT 'SELECT, INSERT, UPDATE') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', name);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', name);
  EXECUTE format('CREATE POLICY own_brand ON %s USING (brand_id = (SELECT current_setting(''app.brand_id'', true)))
                  WITH CHECK (brand_id = (SELECT current_setting(''app.brand_id'', true)))', name);
  EXECUTE format('GRANT %s ON %s TO los_app', rights, name);
  PERFORM widen_key(name);
END $$;

SELECT widen_key(c.oid) FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'brand_id' AND NOT a.attisdropped
  WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace;
