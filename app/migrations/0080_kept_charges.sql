-- A loan keeps the rule set of charges that its key facts told of: its files are there under this hash. Where none was
-- kept they are those that ship with the service.

ALTER TABLE loan ADD COLUMN charges_hash text,
  ADD FOREIGN KEY (brand_id, charges_hash) REFERENCES ruleset_text (brand_id, hash);

-- loans from before have what is in force now
ALTER TABLE loan NO FORCE ROW LEVEL SECURITY;
ALTER TABLE policy_version NO FORCE ROW LEVEL SECURITY;
UPDATE loan SET charges_hash = v.ruleset_hash
  FROM (SELECT DISTINCT ON (brand_id) brand_id, ruleset_hash FROM policy_version
        WHERE ruleset = 'charges' AND effective_from <= now() AND coalesce(rolled_back_at > now(), true)
        ORDER BY brand_id, effective_from DESC, number DESC) v
  WHERE v.brand_id = loan.brand_id AND loan.disbursed_at IS NOT NULL;
ALTER TABLE policy_version FORCE ROW LEVEL SECURITY;
ALTER TABLE loan FORCE ROW LEVEL SECURITY;
