-- Lists by stage and the dashboard: where customers live, to filter by, and a way to each list and figure that scans
-- no table.

-- Rows from before get theirs from the background pass of `los keys`.
ALTER TABLE customer ADD COLUMN city text;
CREATE INDEX customer_city ON customer (brand_id, lower(city)) WHERE city IS NOT NULL;
CREATE INDEX customer_source ON customer (brand_id, (utm ->> 'source'));
CREATE INDEX customer_registered ON customer (brand_id, registered_at) WHERE registered_at IS NOT NULL;

CREATE INDEX loan_due ON loan (brand_id, status, due_date) WHERE due_date IS NOT NULL;
CREATE INDEX loan_applied ON loan (brand_id, created_at);
CREATE INDEX state_change_reached ON state_change (brand_id, entity, to_state, created_at);

-- What somebody wants to see again: a stage with filters, sort and columns, for themselves or for the brand.
CREATE TABLE saved_view (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  owner_id uuid NOT NULL REFERENCES partner_user (id),
  name text NOT NULL,
  stage text NOT NULL,
  filters jsonb NOT NULL DEFAULT '{}',
  sort text,
  columns jsonb NOT NULL DEFAULT '[]',
  is_shared boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, owner_id, name)
);
CREATE INDEX saved_view_shared ON saved_view (brand_id) WHERE is_shared;
SELECT tenant_table('saved_view', 'SELECT, INSERT, UPDATE, DELETE');

-- Which view somebody starts a stage with: one of their own, or one that is shared.
CREATE TABLE default_view (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  partner_user_id uuid NOT NULL REFERENCES partner_user (id),
  stage text NOT NULL,
  view_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, partner_user_id, stage),
  FOREIGN KEY (brand_id, view_id) REFERENCES saved_view (brand_id, id) ON DELETE CASCADE
);
CREATE INDEX default_view_view ON default_view (brand_id, view_id);
SELECT tenant_table('default_view', 'SELECT, INSERT, UPDATE, DELETE');
