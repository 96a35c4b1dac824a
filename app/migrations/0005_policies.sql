-- Policies: rule files once for each hash, their versions, backtests, and challengers beside the champion.

CREATE FUNCTION never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Every file that a rule set was compiled from, by the hash of them all.
CREATE TABLE ruleset_text (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  files jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, hash)
);
SELECT tenant_table('ruleset_text', 'SELECT, INSERT');

-- What decisions were made with moves out of their rows. The owner is under row-level security as well: for
-- this one statement it is not, because it copies within each brand.
ALTER TABLE decision NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ruleset_text NO FORCE ROW LEVEL SECURITY;
INSERT INTO ruleset_text (brand_id, id, hash, files)
  SELECT DISTINCT ON (brand_id, ruleset_hash) brand_id, gen_random_uuid(), ruleset_hash, ruleset_source::jsonb
  FROM decision;
ALTER TABLE decision FORCE ROW LEVEL SECURITY;
ALTER TABLE ruleset_text FORCE ROW LEVEL SECURITY;
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON ruleset_text
  FOR EACH ROW EXECUTE FUNCTION never_changed();

CREATE TABLE policy_version (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  ruleset text NOT NULL,
  number integer NOT NULL,
  ruleset_hash text NOT NULL,
  cases jsonb NOT NULL,
  status text NOT NULL CHECK (status IN ('DRAFT', 'SUBMITTED', 'TRIAL', 'APPROVED', 'REJECTED', 'WITHDRAWN', 'ROLLED_BACK')),
  remark text NOT NULL,
  makers jsonb NOT NULL,
  approved_by text,
  backtest_id uuid,
  champion_hash text,
  effective_from timestamptz,
  rolled_back_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, ruleset, number),
  FOREIGN KEY (brand_id, ruleset_hash) REFERENCES ruleset_text (brand_id, hash),
  CHECK ((status IN ('APPROVED', 'ROLLED_BACK')) = (effective_from IS NOT NULL))
);
CREATE INDEX ON policy_version (brand_id, ruleset, effective_from) WHERE effective_from IS NOT NULL;
SELECT tenant_table('policy_version');

-- What was submitted is what is approved: past the draft its content and its makers stay.
CREATE FUNCTION content_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.ruleset, OLD.number, OLD.ruleset_hash, OLD.cases, OLD.remark, OLD.makers)
     IS DISTINCT FROM (NEW.ruleset, NEW.number, NEW.ruleset_hash, NEW.cases, NEW.remark, NEW.makers) THEN
    RAISE EXCEPTION 'a version is changed only while it is a draft' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER content_stays BEFORE UPDATE ON policy_version
  FOR EACH ROW WHEN (OLD.status <> 'DRAFT') EXECUTE FUNCTION content_stays();

CREATE TABLE policy_backtest (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  version_id uuid NOT NULL,
  champion_hash text NOT NULL,
  challenger_hash text NOT NULL,
  status text NOT NULL CHECK (status IN ('QUEUED', 'RUNNING', 'READY', 'FAILED')),
  stage text,
  progress_percent integer NOT NULL DEFAULT 0,
  from_date date,
  to_date date,
  decision_count integer,
  summary jsonb,
  file_key text,
  reason text,
  requested_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, version_id) REFERENCES policy_version (brand_id, id),
  FOREIGN KEY (brand_id, champion_hash) REFERENCES ruleset_text (brand_id, hash),
  FOREIGN KEY (brand_id, challenger_hash) REFERENCES ruleset_text (brand_id, hash)
);
CREATE INDEX ON policy_backtest (brand_id, version_id, id);
SELECT tenant_table('policy_backtest');
ALTER TABLE policy_version
  ADD FOREIGN KEY (brand_id, backtest_id) REFERENCES policy_backtest (brand_id, id);

CREATE TABLE policy_experiment (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  ruleset text NOT NULL,
  version_id uuid NOT NULL,
  mode text NOT NULL CHECK (mode IN ('SHADOW', 'SHARE')),
  share_percent integer NOT NULL CHECK (share_percent BETWEEN 0 AND 99),
  status text NOT NULL CHECK (status IN ('PROPOSED', 'RUNNING', 'STOPPING', 'STOPPED', 'REJECTED', 'WITHDRAWN')),
  remark text NOT NULL,
  maker text NOT NULL,
  started_at timestamptz,
  stopped_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  FOREIGN KEY (brand_id, version_id) REFERENCES policy_version (brand_id, id),
  CHECK ((mode = 'SHADOW') = (share_percent = 0))
);
CREATE UNIQUE INDEX one_challenger_at_a_time ON policy_experiment (brand_id, ruleset)
  WHERE status IN ('RUNNING', 'STOPPING');
SELECT tenant_table('policy_experiment');

-- A decision knows its rules by their hash, on which side of an experiment it was made, and where each input came from.
ALTER TABLE decision
  DROP COLUMN ruleset_source,
  ADD COLUMN lineage jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN experiment_id uuid,
  ADD COLUMN side text CHECK (side IN ('CHAMPION', 'CHALLENGER')),
  ADD CHECK ((experiment_id IS NULL) = (side IS NULL)),
  ADD FOREIGN KEY (brand_id, ruleset_hash) REFERENCES ruleset_text (brand_id, hash),
  ADD FOREIGN KEY (brand_id, experiment_id) REFERENCES policy_experiment (brand_id, id);
CREATE INDEX ON decision (brand_id, experiment_id) WHERE experiment_id IS NOT NULL;

-- What the other side of an experiment would have decided; no customer ever hears of it.
CREATE TABLE shadow_decision (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  experiment_id uuid NOT NULL,
  decision_id uuid NOT NULL,
  side text NOT NULL CHECK (side IN ('CHAMPION', 'CHALLENGER')),
  ruleset_hash text NOT NULL,
  outcome text CHECK (outcome IN ('APPROVE', 'REFER', 'REJECT')),
  record text,
  failure text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, experiment_id, decision_id),
  FOREIGN KEY (brand_id, experiment_id) REFERENCES policy_experiment (brand_id, id),
  FOREIGN KEY (brand_id, decision_id) REFERENCES decision (brand_id, id),
  FOREIGN KEY (brand_id, ruleset_hash) REFERENCES ruleset_text (brand_id, hash),
  CHECK ((outcome IS NULL) = (record IS NULL) AND (outcome IS NULL) = (failure IS NOT NULL))
);
SELECT tenant_table('shadow_decision', 'SELECT, INSERT');
