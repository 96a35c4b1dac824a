"""Money that customers pay, and money that waits for somebody to say what it is for."""

from peewee import DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class PaymentRequest(TenantModel):
    """A way to pay `amount` at the provider: its page (LINK), its checkout in the app, or a debit of a mandate.

    `requested_by` is who asked, `purpose` what for."""

    loan_id = UUIDField()
    status = TextField()
    amount = money_field()
    provider = TextField()
    channel = TextField(default="LINK")
    provider_link_id = TextField(null=True)
    provider_order_id = TextField(null=True)
    checkout_key = TextField(null=True)
    short_url = TextField(null=True)
    reference = TextField()
    requested_by = TextField()
    purpose = TextField(default="REPAYMENT")
    expires_at = DateTimeTZField(null=True)


class PaymentCollectionTransaction(TenantModel):
    """Money that came in. `received_on` is the business day in India; `reference` the bank's. Of it `reversed_amount`
    was taken back. One that is HELD was told of by hand before and counts in no sum of what came in. Of it the gateway
    keeps `fee`, its tax included, where it says so."""

    loan_id = UUIDField()
    payment_request_id = UUIDField(null=True)
    provider = TextField()
    provider_payment_id = TextField()
    provider_order_id = TextField(null=True)
    amount = money_field()
    method = TextField(null=True)
    reference = TextField(null=True)
    received_at = DateTimeTZField()
    received_on = DateField()
    status = TextField()
    reversed_amount = money_field(default=0)
    fee = money_field(null=True)


class ManualPayment(TenantModel):
    """Money that somebody says came in outside of the gateway, until another one has checked it."""

    loan_id = UUIDField()
    status = TextField()
    amount = money_field()
    method = TextField()
    reference = TextField()
    received_on = DateField()
    remark = TextField(null=True)
    submitted_by = TextField()
    decided_by = TextField(null=True)
    decided_at = DateTimeTZField(null=True)
    decision_remark = TextField(null=True)
    bounce_reason = TextField(null=True)


class SuspenseItem(TenantModel):
    """Money that waits to be placed or given back: `amount` of a payment of `payment_amount`. Without `loan_id`
    nobody knows yet whose it is. What is `proposed_` for it waits for another person, of all of it without an amount.
    `rest_of`: the one of which it was left over."""

    loan_id = UUIDField(null=True)
    kind = TextField()
    status = TextField()
    amount = money_field()
    provider = TextField()
    provider_payment_id = TextField()
    provider_order_id = TextField(null=True)
    payment_amount = money_field()
    method = TextField(null=True)
    reference = TextField(null=True)
    received_at = DateTimeTZField()
    received_on = DateField()
    placed_on_loan_id = UUIDField(null=True)
    rest_of = UUIDField(null=True)
    proposed_action = TextField(null=True)
    proposed_loan_id = UUIDField(null=True)
    proposed_amount = money_field(null=True)
    proposed_reference = TextField(null=True)
    proposed_remark = TextField(null=True)
    proposed_by = TextField(null=True)
    proposed_at = DateTimeTZField(null=True)
    decided_by = TextField(null=True)
    decided_at = DateTimeTZField(null=True)
    decision_remark = TextField(null=True)


class PaymentRefund(TenantModel):
    """Money on its way back to the customer. Its id is the key under which the gateway does it once; `reference` the
    bank's."""

    suspense_id = UUIDField()
    status = TextField()
    amount = money_field()
    provider = TextField()
    provider_refund_id = TextField(null=True)
    reference = TextField(null=True)
    requested_by = TextField()


class PaymentDispute(TenantModel):
    """Whoever paid asks their bank for `amount` of a payment back, and we may answer until `respond_by`. `booked_at`:
    when its loss was."""

    status = TextField()
    provider = TextField()
    provider_dispute_id = TextField()
    provider_payment_id = TextField()
    phase = TextField(null=True)
    amount = money_field()
    reason_code = TextField(null=True)
    reason = TextField(null=True)
    respond_by = DateTimeTZField(null=True)
    loan_id = UUIDField(null=True)
    booked_at = DateTimeTZField(null=True)


class PaymentReversal(TenantModel):
    """`amount` of a payment counts for its loan no more, once another person agrees, or because a dispute was lost.
    `blocked_by` says why the latter could not be booked by itself."""

    loan_id = UUIDField()
    transaction_id = UUIDField()
    dispute_id = UUIDField(null=True)
    kind = TextField()
    status = TextField()
    amount = money_field()
    reason = TextField()
    blocked_by = TextField(null=True)
    proposed_by = TextField()
    decided_by = TextField(null=True)
    decided_at = DateTimeTZField(null=True)
    decision_remark = TextField(null=True)


class MandatePresentation(TenantModel):
    """A debit of a mandate, the `attempt`-th of its loan, through a gateway or in a file; of `asked_amount` at most
    where somebody said so. `code` is the NACH reason of a return, `action` what follows of it."""

    loan_id = UUIDField()
    mandate_id = UUIDField()
    attempt = IntegerField()
    status = TextField()
    present_on = DateField()
    amount = money_field()
    asked_amount = money_field(null=True)
    channel = TextField(default="GATEWAY")
    payment_request_id = UUIDField(null=True)
    provider_payment_id = TextField(null=True)
    code = TextField(null=True)
    reason = TextField(null=True)
    action = TextField(null=True)


class PresentationFile(TenantModel):
    """A version of the file of a day's debits: `row_count` rows over `amount`; `sha256` in hex, of its bytes. Its
    object is gone once `file_key` is."""

    present_on = DateField()
    format = TextField()
    version = IntegerField()
    status = TextField()
    row_count = IntegerField()
    amount = money_field()
    sha256 = TextField()
    name = TextField()
    file_key = TextField(null=True)
    made_at = DateTimeTZField()
    sent_at = DateTimeTZField(null=True)
    sent_by = TextField(null=True)
    erased_at = DateTimeTZField(null=True)


class PresentationResponse(TenantModel):
    """A file of the bank that says what became of debits. The same bytes are one file."""

    name = TextField()
    sha256 = TextField()
    uploaded_by = TextField()
    status = TextField()
    row_count = IntegerField()
    taken_count = IntegerField(default=0)
    refused_count = IntegerField(default=0)


class PresentationResponseRow(TenantModel):
    """What one row said, as far as it could be read (`fault` otherwise), and what became of it."""

    response_id = UUIDField()
    line_no = IntegerField()
    reference = TextField(null=True)
    amount = money_field(null=True)
    bank_status = TextField(null=True)
    code = TextField(null=True)
    bank_reference = TextField(null=True)
    settled_on = DateField(null=True)
    fault = TextField(null=True)
    presentation_id = UUIDField(null=True)
    outcome = TextField()
    reason = TextField(null=True)


class Reconciliation(TenantModel):
    """What a gateway settled on a day, against what we booked."""

    provider = TextField()
    day = DateField()
    line_count = IntegerField()
    matched_count = IntegerField()
    settled_amount = money_field()
    fee_amount = money_field()
    tax_amount = money_field()
    reconciled_at = DateTimeTZField()


class SettlementLine(TenantModel):
    """A line of what a gateway settled to our bank."""

    provider = TextField()
    day = DateField()
    kind = TextField()
    provider_line_id = TextField()
    amount = money_field()
    fee = money_field()
    tax = money_field()
    net = money_field()
    settlement_id = TextField()
    provider_order_id = TextField(null=True)
    utr = TextField(null=True)
    settled_at = DateTimeTZField()
    dispute_id = TextField(null=True)


class ReconciliationException(TenantModel):
    """Where the two differ."""

    provider = TextField()
    day = DateField()
    kind = TextField()
    provider_payment_id = TextField()
    booked_amount = money_field(null=True)
    settled_amount = money_field(null=True)
    status = TextField()
    resolution = TextField(null=True)
    resolved_by = TextField(null=True)
    resolved_at = DateTimeTZField(null=True)
    remark = TextField(null=True)
