-- What the credit policy asks about one person under several names: shared accounts and devices, and loans in
-- sister brands.

ALTER TABLE user_login_token ADD COLUMN device_hash text;
CREATE INDEX ON user_login_token (brand_id, device_hash) WHERE device_hash IS NOT NULL;
CREATE INDEX ON user_bank_account (brand_id, account_hash);
CREATE INDEX ON customer (brand_id, aadhaar_hash) WHERE aadhaar_hash IS NOT NULL;
CREATE INDEX ON customer (pan_hash) WHERE pan_hash IS NOT NULL;

-- Two numbers about other brands, and nothing else: how many loans of this PAN run there, and how many went
-- bad. Only inside of this function does the owner see beyond the brand.
CREATE POLICY across_brands ON customer FOR SELECT TO CURRENT_USER
  USING (current_setting('app.across_brands', true) = 'on');
CREATE POLICY across_brands ON loan FOR SELECT TO CURRENT_USER
  USING (current_setting('app.across_brands', true) = 'on');
CREATE FUNCTION sister_brand_loans(wanted_pan_hash text, OUT open_count integer, OUT bad_count integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM set_config('app.across_brands', 'on', true);
  SELECT count(*) FILTER (WHERE loan.status NOT IN ('REJECTED', 'CANCELLED', 'COMPLETED', 'SETTLED', 'WRITE_OFF')),
         count(*) FILTER (WHERE loan.status IN ('OVERDUE', 'DEFAULTED', 'SETTLED', 'WRITE_OFF'))
  INTO open_count, bad_count
  FROM customer JOIN loan ON loan.brand_id = customer.brand_id AND loan.customer_id = customer.id
  WHERE customer.pan_hash = wanted_pan_hash AND customer.brand_id <> current_setting('app.brand_id', true);
  PERFORM set_config('app.across_brands', '', true);
END $$;
REVOKE EXECUTE ON FUNCTION sister_brand_loans(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sister_brand_loans(text) TO los_app;
