-- What staff confirmed of the people and phones that a customer names.
ALTER TABLE customer_reference ADD COLUMN confirmed_at timestamptz, ADD COLUMN confirmed_by text;
ALTER TABLE customer ADD COLUMN alternate_phone_confirmed_at timestamptz;
