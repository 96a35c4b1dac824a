-- What was written off is given to somebody as well: to recover it.

ALTER TABLE loan_allotted_partner_user
  DROP CONSTRAINT loan_allotted_partner_user_kind_check,
  ADD CONSTRAINT loan_allotted_partner_user_kind_check
    CHECK (kind IN ('CUSTOMER', 'LOAN', 'CREDIT', 'COLLECTION', 'SUPERVISION', 'RECOVERY'));
ALTER TABLE allocation_waiting
  DROP CONSTRAINT allocation_waiting_kind_check,
  ADD CONSTRAINT allocation_waiting_kind_check
    CHECK (kind IN ('CUSTOMER', 'LOAN', 'CREDIT', 'COLLECTION', 'SUPERVISION', 'RECOVERY'));

-- A copy for lists and messages of what was written off and did not come back, as `outstanding_amount` is of what is owed;
-- absent where nothing was booked since.
ALTER TABLE loan ADD COLUMN lost_amount numeric(14,2);
