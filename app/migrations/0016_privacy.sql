-- Retention, erasure, and what customers ask about their data.

-- When what a row told of a person was taken out of it.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'customer', 'kyc_check', 'document', 'user_bank_account', 'employment', 'user_notification', 'user_login_token', 'customer_device',
    'webhook_event', 'bureau_report', 'report_run'] LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN erased_at timestamptz', name);
  END LOOP;
END $$;
GRANT UPDATE (erased_at) ON bureau_report TO los_app;
ALTER TABLE customer ADD COLUMN erasure_notified_at timestamptz;

-- What may be deleted, and not before its time: the database holds the service to it.
GRANT DELETE ON otp_verification, idempotency_key, provider_call, outbox TO los_app;
CREATE POLICY only_old ON otp_verification AS RESTRICTIVE FOR DELETE USING (created_at < now() - interval '30 days');
CREATE POLICY only_old ON idempotency_key AS RESTRICTIVE FOR DELETE USING (created_at < now() - interval '30 days');
CREATE POLICY only_old ON provider_call AS RESTRICTIVE FOR DELETE USING (created_at < now() - interval '365 days');
CREATE POLICY only_old ON outbox AS RESTRICTIVE FOR DELETE
  USING (status = 'DONE' AND finished_at < now() - interval '90 days');

CREATE TABLE legal_hold (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  customer_id uuid NOT NULL,
  reason text NOT NULL,
  placed_by text NOT NULL,
  released_at timestamptz,
  released_by text,
  release_reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id),
  CHECK ((released_at IS NULL) = (released_by IS NULL))
);
CREATE INDEX ON legal_hold (brand_id, customer_id) WHERE released_at IS NULL;
SELECT tenant_table('legal_hold');

CREATE TABLE privacy_request (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  request_no text NOT NULL,
  customer_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('ACCESS', 'CORRECTION', 'ERASURE', 'NOMINATION', 'GRIEVANCE')),
  status text NOT NULL CHECK (status IN ('RECEIVED', 'DONE', 'PARTLY_DONE', 'RESTRICTED', 'REFUSED')),
  details_enc text,
  answer_enc text,
  reasons jsonb NOT NULL DEFAULT '[]',
  schedule jsonb NOT NULL DEFAULT '[]',
  due_on date NOT NULL,
  answered_at timestamptz,
  answered_by text,
  file_key text,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, request_no),
  FOREIGN KEY (brand_id, customer_id) REFERENCES customer (brand_id, id)
);
CREATE INDEX ON privacy_request (brand_id, customer_id, id);
CREATE INDEX ON privacy_request (brand_id, status, due_on);
CREATE UNIQUE INDEX one_open_request_of_a_kind ON privacy_request (brand_id, customer_id, kind)
  WHERE status = 'RECEIVED' AND kind IN ('ACCESS', 'ERASURE');
SELECT tenant_table('privacy_request');

-- One night's work. `reached_id` is the last customer that was looked at, `done` counts rows by data class.
CREATE TABLE retention_run (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  day date NOT NULL,
  done jsonb NOT NULL DEFAULT '{}',
  reached_id uuid,
  finished_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, day)
);
SELECT tenant_table('retention_run');
