-- Allocation: what staff are fit for, who was given what and why, and what waits for somebody.

ALTER TABLE partner_user
  ADD COLUMN city text,
  ADD COLUMN state text,
  ADD COLUMN languages jsonb NOT NULL DEFAULT '[]';
GRANT SELECT (city, state, languages) ON partner_user TO los_app;

-- Empty lists: buckets and sizes of loans do not matter. No capacity: that of the brand's policy.
ALTER TABLE partner_user_brand_role
  ADD COLUMN capacity integer CHECK (capacity BETWEEN 0 AND 100000),
  ADD COLUMN buckets jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN ticket_classes jsonb NOT NULL DEFAULT '[]';
GRANT UPDATE (capacity, buckets, ticket_classes) ON partner_user_brand_role TO los_app;

-- A rating is of all somebody's work, or of one bucket and size of loans.
ALTER TABLE partner_user_rating_matrix
  ADD COLUMN bucket text NOT NULL DEFAULT 'ALL',
  ADD COLUMN ticket_class text NOT NULL DEFAULT 'ALL';
DO $$
DECLARE
  narrow text;
BEGIN
  SELECT conname INTO STRICT narrow FROM pg_constraint
    WHERE conrelid = 'partner_user_rating_matrix'::regclass AND contype = 'u';
  EXECUTE format('ALTER TABLE partner_user_rating_matrix DROP CONSTRAINT %I', narrow);
END $$;
ALTER TABLE partner_user_rating_matrix
  ADD CONSTRAINT one_rating_a_month UNIQUE (brand_id, partner_user_id, period_month, rated_by, bucket, ticket_class);

-- A customer is given to somebody before there is a loan. `in_hand`: there is work to do on it now.
ALTER TABLE loan_allotted_partner_user
  ALTER COLUMN loan_id DROP NOT NULL,
  ADD COLUMN kind text NOT NULL DEFAULT 'CREDIT'
    CHECK (kind IN ('CUSTOMER', 'LOAN', 'CREDIT', 'COLLECTION', 'SUPERVISION')),
  ADD COLUMN customer_id uuid,
  ADD COLUMN allocation_type text NOT NULL DEFAULT 'AUTO' CHECK (allocation_type IN ('AUTO', 'MANUAL', 'REALLOCATED')),
  ADD COLUMN in_hand boolean NOT NULL DEFAULT true,
  ADD COLUMN amount numeric(14,2) NOT NULL DEFAULT 0,
  ADD COLUMN bucket text,
  ADD COLUMN ticket_class text,
  ADD COLUMN score numeric(12,6),
  ADD COLUMN geo_score numeric(3,2),
  ADD COLUMN ruleset_hash text,
  ADD COLUMN candidates jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN reason text,
  ADD COLUMN allotted_by text NOT NULL DEFAULT 'system',
  ADD COLUMN ended_by text,
  ADD COLUMN covers_id uuid,
  ADD COLUMN told_at timestamptz;
-- The owner is under row-level security as well: for these statements it is not, because they copy within each brand.
ALTER TABLE loan NO FORCE ROW LEVEL SECURITY;
ALTER TABLE loan_allotted_partner_user NO FORCE ROW LEVEL SECURITY;
UPDATE loan_allotted_partner_user a
  SET customer_id = l.customer_id, amount = l.applied_amount, told_at = a.created_at,
    in_hand = a.is_active AND l.status = 'APPLIED'
  FROM loan l WHERE l.brand_id = a.brand_id AND l.id = a.loan_id;
ALTER TABLE loan_allotted_partner_user FORCE ROW LEVEL SECURITY;
ALTER TABLE loan_allotted_partner_user
  ALTER COLUMN kind DROP DEFAULT,
  ALTER COLUMN customer_id SET NOT NULL,
  ADD CHECK ((kind = 'CUSTOMER') = (loan_id IS NULL)),
  ADD CHECK (is_active = (ended_at IS NULL)),
  ADD FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  ADD FOREIGN KEY (brand_id, covers_id) REFERENCES loan_allotted_partner_user (brand_id, id);
CREATE UNIQUE INDEX one_executive_per_customer ON loan_allotted_partner_user (brand_id, customer_id)
  WHERE is_active AND loan_id IS NULL;
CREATE INDEX ON loan_allotted_partner_user (brand_id, loan_id);
CREATE INDEX ON loan_allotted_partner_user (brand_id, customer_id);
CREATE INDEX ON loan_allotted_partner_user (brand_id, partner_user_id, role, created_at);
CREATE INDEX ON loan_allotted_partner_user (brand_id, role, partner_user_id) WHERE is_active AND in_hand;
CREATE INDEX ON loan_allotted_partner_user (brand_id, partner_user_id) WHERE told_at IS NULL;

-- What nobody could be given yet; it ends when somebody is given it, or when there is nothing left to do.
CREATE TABLE allocation_waiting (
  id uuid NOT NULL,
  brand_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('CUSTOMER', 'LOAN', 'CREDIT', 'COLLECTION', 'SUPERVISION')),
  customer_id uuid NOT NULL,
  loan_id uuid,
  amount numeric(14,2) NOT NULL,
  why text NOT NULL CHECK (why IN ('SWITCHED_OFF', 'NOBODY_PRESENT', 'ALL_FULL', 'NOBODY_FITS')),
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  end_reason text CHECK (end_reason IN ('ALLOTTED', 'NOTHING_TO_DO')),
  PRIMARY KEY (brand_id, id),
  CHECK ((kind = 'CUSTOMER') = (loan_id IS NULL)),
  CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  FOREIGN KEY (brand_id, loan_id) REFERENCES loan (brand_id, id)
);
CREATE UNIQUE INDEX waits_once ON allocation_waiting (brand_id, kind, (coalesce(loan_id, customer_id)))
  WHERE ended_at IS NULL;
CREATE INDEX ON allocation_waiting (brand_id, loan_id) WHERE ended_at IS NULL;
SELECT tenant_table('allocation_waiting');

-- Applications that were waiting before there was a queue.
ALTER TABLE allocation_waiting NO FORCE ROW LEVEL SECURITY;
INSERT INTO allocation_waiting (id, brand_id, kind, customer_id, loan_id, amount, why, created_at)
  SELECT gen_random_uuid(), l.brand_id, 'CREDIT', l.customer_id, l.id, l.applied_amount, 'NOBODY_PRESENT', l.created_at
  FROM loan l WHERE l.status = 'APPLIED' AND NOT EXISTS (
    SELECT FROM loan_allotted_partner_user a
    WHERE a.brand_id = l.brand_id AND a.loan_id = l.id AND a.role = 'CREDIT_EXECUTIVE' AND a.is_active);
ALTER TABLE allocation_waiting FORCE ROW LEVEL SECURITY;
ALTER TABLE loan FORCE ROW LEVEL SECURITY;
