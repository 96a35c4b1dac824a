-- Who a customer's parents and spouse are, where they work and which other phones they have, as agreements and the files
-- for the bureaus ask for them. All of it may stay unsaid.
ALTER TABLE customer
  ADD COLUMN father_name_enc text,
  ADD COLUMN mother_name_enc text,
  ADD COLUMN spouse_name_enc text,
  ADD COLUMN marital_status text CHECK (marital_status IN ('SINGLE', 'MARRIED', 'DIVORCED', 'WIDOWED', 'SEPARATED')),
  ADD COLUMN permanent_residence text
    CHECK (permanent_residence IN ('OWNED', 'FAMILY', 'RENTED', 'COMPANY', 'PG_OR_HOSTEL')),
  ADD COLUMN home_phone_enc text,
  ADD COLUMN employer_address_enc text,
  ADD COLUMN office_phone_enc text,
  ADD COLUMN office_extension text;
