-- What was moved to a loan is found by the loan.
CREATE INDEX suspense_item_placed ON suspense_item (brand_id, placed_on_loan_id) WHERE placed_on_loan_id IS NOT NULL;
