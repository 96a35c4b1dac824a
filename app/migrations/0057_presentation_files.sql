-- Debits go to the bank in files that are kept, and its answers come back in files; cheques; a dispute that was lost
-- before its payment was known.

-- The account that a mandate was asked for: the bank's file names it.
ALTER TABLE mandate
  ADD COLUMN bank_account_id uuid,
  ADD FOREIGN KEY (brand_id, bank_account_id) REFERENCES user_bank_account (brand_id, id);

-- How a debit reaches the bank: through the gateway of the mandate, or in the file of the day.
ALTER TABLE mandate_presentation
  ADD COLUMN channel text NOT NULL DEFAULT 'GATEWAY' CHECK (channel IN ('GATEWAY', 'FILE'));
CREATE INDEX mandate_presentation_day ON mandate_presentation (brand_id, present_on);

-- A file of the debits of a day. Where they change there is a new version; what went to the bank stays.
CREATE TABLE presentation_file (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  present_on date NOT NULL,
  format text NOT NULL CHECK (format IN ('CSV', 'NACH')),
  version integer NOT NULL CHECK (version > 0),
  status text NOT NULL CHECK (status IN ('MADE', 'REPLACED', 'SENT')),
  row_count integer NOT NULL,
  amount numeric(14, 2) NOT NULL,
  sha256 text NOT NULL,
  name text NOT NULL,
  file_key text,
  made_at timestamptz NOT NULL,
  sent_at timestamptz,
  sent_by text,
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, present_on, format, version)
);
CREATE UNIQUE INDEX presentation_file_current ON presentation_file (brand_id, present_on, format)
  WHERE status <> 'REPLACED';
SELECT tenant_table('presentation_file');

-- What a bank says of the debits of a file, row by row.
CREATE TABLE presentation_response (
  brand_id text NOT NULL REFERENCES brand (id),
  id uuid NOT NULL,
  name text NOT NULL,
  sha256 text NOT NULL,
  uploaded_by text NOT NULL,
  status text NOT NULL CHECK (status IN ('READING', 'READ')),
  row_count integer NOT NULL,
  taken_count integer NOT NULL DEFAULT 0,
  refused_count integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, sha256)
);
SELECT tenant_table('presentation_response');

CREATE TABLE presentation_response_row (
  brand_id text NOT NULL,
  id uuid NOT NULL,
  response_id uuid NOT NULL,
  line_no integer NOT NULL,
  reference text,
  amount numeric(14, 2),
  bank_status text,
  code text,
  bank_reference text,
  settled_on date,
  fault text,
  presentation_id uuid,
  outcome text NOT NULL CHECK (outcome IN ('WAITING', 'TAKEN', 'UNCHANGED', 'REFUSED')),
  reason text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (brand_id, id),
  UNIQUE (brand_id, response_id, line_no),
  FOREIGN KEY (brand_id, response_id) REFERENCES presentation_response (brand_id, id),
  FOREIGN KEY (brand_id, presentation_id) REFERENCES mandate_presentation (brand_id, id)
);
CREATE INDEX presentation_response_row_waiting ON presentation_response_row (brand_id, response_id, line_no)
  WHERE outcome = 'WAITING';
SELECT tenant_table('presentation_response_row');

-- A cheque waits for its clearing; one that bounced was never money.
ALTER TABLE manual_payment
  DROP CONSTRAINT manual_payment_method_check,
  ADD CHECK (method IN ('BANK_TRANSFER', 'UPI', 'CASH', 'CHEQUE')),
  DROP CONSTRAINT manual_payment_status_check,
  ADD CHECK (status IN ('PENDING', 'APPROVED', 'REJECTED', 'BOUNCED')),
  ADD COLUMN bounce_reason text;
-- one that was turned down, or that bounced, may be told of again
DROP INDEX manual_payment_reference;
CREATE UNIQUE INDEX manual_payment_reference ON manual_payment (brand_id, reference)
  WHERE status NOT IN ('REJECTED', 'BOUNCED');

-- When the loss of a dispute was booked. One that was lost before its payment was known is booked with it.
ALTER TABLE payment_dispute ADD COLUMN booked_at timestamptz;
ALTER TABLE payment_dispute NO FORCE ROW LEVEL SECURITY;
ALTER TABLE suspense_item NO FORCE ROW LEVEL SECURITY;
ALTER TABLE payment_collection_transaction NO FORCE ROW LEVEL SECURITY;
UPDATE payment_dispute d SET booked_at = now()
WHERE d.status = 'LOST' AND (
  d.loan_id IS NOT NULL
  OR EXISTS (SELECT FROM suspense_item s WHERE s.brand_id = d.brand_id AND s.provider = d.provider
    AND s.provider_payment_id = d.provider_payment_id)
  OR EXISTS (SELECT FROM payment_collection_transaction t WHERE t.brand_id = d.brand_id AND t.provider = d.provider
    AND t.provider_payment_id = d.provider_payment_id));
ALTER TABLE payment_dispute FORCE ROW LEVEL SECURITY;
ALTER TABLE suspense_item FORCE ROW LEVEL SECURITY;
ALTER TABLE payment_collection_transaction FORCE ROW LEVEL SECURITY;
