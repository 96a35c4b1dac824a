-- DigiLocker through Digitap: what they call the visit.
ALTER TABLE aadhaar_digi_locker_log ADD COLUMN transaction_id text;
