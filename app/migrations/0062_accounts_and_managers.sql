-- What a bank, a statement or an aggregator says of an account beside whose it is, and whom somebody reports to in a role.
ALTER TABLE user_bank_account ADD COLUMN account_type text, ADD COLUMN branch text;
ALTER TABLE partner_user_brand_role ADD COLUMN reports_to uuid REFERENCES partner_user (id);
GRANT UPDATE (reports_to) ON partner_user_brand_role TO los_app;
