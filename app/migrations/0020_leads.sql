-- Leads that advertisements brought, as rows of uploaded files, and the runs that read and match them.

CREATE TABLE lead_run (
  id uuid NOT NULL,
  brand_id text NOT NULL REFERENCES brand (id),
  kind text NOT NULL CHECK (kind IN ('UPLOAD', 'SYNC')),
  status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'READY', 'FAILED')),
  file_name text,
  file_key text,
  encoding text,
  delimiter text,
  selection jsonb NOT NULL DEFAULT '{}',
  rows_total integer NOT NULL,
  rows_done integer NOT NULL DEFAULT 0,
  pending_count integer NOT NULL DEFAULT 0,
  processed_count integer NOT NULL DEFAULT 0,
  failed_count integer NOT NULL DEFAULT 0,
  duplicate_count integer NOT NULL DEFAULT 0,
  last_lead_id uuid,
  reason text,
  requested_by text NOT NULL,
  finished_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id)
);
SELECT tenant_table('lead_run');

CREATE TABLE lead_form (
  id uuid NOT NULL,
  brand_id text NOT NULL REFERENCES brand (id),
  run_id uuid NOT NULL,
  line_no integer NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'PROCESSED', 'FAILED', 'DUPLICATE')),
  message text,
  name text,
  phone_enc text,
  phone_hash text,
  email_enc text,
  email_hash text,
  city text,
  responses_enc text,
  external_id text,
  submitted_at timestamptz,
  platform text,
  is_organic boolean NOT NULL DEFAULT false,
  campaign_id text,
  campaign_name text,
  adset_id text,
  adset_name text,
  ad_id text,
  ad_name text,
  form_id text,
  form_name text,
  duplicate_of_id uuid,
  customer_id uuid,
  processed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  -- what makes reading a file again harmless
  UNIQUE (brand_id, run_id, line_no),
  FOREIGN KEY (brand_id, run_id) REFERENCES lead_run (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  -- the first of its kind may be deleted; its duplicates stay duplicates
  FOREIGN KEY (brand_id, duplicate_of_id) REFERENCES lead_form (brand_id, id) ON DELETE SET NULL (duplicate_of_id)
);
-- one lead a phone and an e-mail is more than a search: two files at once cannot both bring it
CREATE UNIQUE INDEX lead_form_phone ON lead_form (brand_id, phone_hash) WHERE status <> 'DUPLICATE';
CREATE INDEX lead_form_email ON lead_form (brand_id, email_hash) WHERE status <> 'DUPLICATE';
CREATE INDEX lead_form_list ON lead_form (brand_id, status, created_at);
CREATE INDEX lead_form_customer ON lead_form (brand_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX lead_form_duplicate ON lead_form (brand_id, duplicate_of_id) WHERE duplicate_of_id IS NOT NULL;
SELECT tenant_table('lead_form', 'SELECT, INSERT, UPDATE, DELETE');
