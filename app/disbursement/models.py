"""Money sent to customers: who had it sent, each attempt, and what the bank's files said."""

from decimal import Decimal

from peewee import DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class DisbursalOrder(TenantModel):
    """One person proposes how a loan is paid out, another releases or rejects it. With a `vpa_id` it goes there.

    The database allows one that waits for each loan, and no release by the person who proposed.
    """

    loan_id = UUIDField()
    status = TextField()
    rail = TextField()
    channel = TextField()
    bank_account_id = UUIDField()
    vpa_id = UUIDField(null=True)
    proposed_by = TextField()
    remark = TextField(null=True)
    decided_by = TextField(null=True)
    decided_at = DateTimeTZField(null=True)
    reason = TextField(null=True)


class Payout(TenantModel):
    """One attempt to pay a loan out. Its id is the idempotency key; `reference` is for people.

    The database allows one payout of a loan that is on its way or arrived, and one of an order. `mode` is the rail.
    """

    loan_id = UUIDField()
    order_id = UUIDField(null=True)
    bank_account_id = UUIDField(null=True)
    vpa_id = UUIDField(null=True)
    batch_id = UUIDField(null=True)
    attempt = IntegerField()
    status = TextField()
    channel = TextField(default="ONLINE")
    provider = TextField()
    provider_payout_id = TextField(null=True)
    reference = TextField()
    amount = money_field()
    mode = TextField()
    utr = TextField(null=True)
    failure_reason = TextField(null=True)
    settled_at = DateTimeTZField(null=True)


class PayoutBatch(TenantModel):
    """Offline payouts that went to the bank in one file."""

    batch_no = TextField()
    made_by = TextField()
    payout_count = IntegerField()
    amount = money_field()


class BankFile(TenantModel):
    """A file of the bank portal that somebody uploaded. The same bytes are one file."""

    name = TextField()
    sha256 = TextField()
    uploaded_by = TextField()
    status = TextField()
    row_count = IntegerField()


class BankFileRow(TenantModel):
    """What one row said, as far as it could be read (`fault` otherwise), and what became of it."""

    bank_file_id = UUIDField()
    line_no = IntegerField()
    reference = TextField(null=True)
    amount = money_field(null=True)
    account_last4 = TextField(null=True)
    account_hash = TextField(null=True)
    bank_status = TextField(null=True)
    utr = TextField(null=True)
    remark = TextField(null=True)
    paid_on = DateField(null=True)
    fault = TextField(null=True)
    payout_id = UUIDField(null=True)
    outcome = TextField()
    reason = TextField(null=True)
    resolution = TextField(null=True)
    resolved_by = TextField(null=True)
    resolved_at = DateTimeTZField(null=True)


class CoolingOffExit(TenantModel):
    """The choice to give a loan back, and how the amount of that day was made up."""

    loan_id = UUIDField()
    status = TextField()
    chosen_on = DateField()
    principal = money_field()
    interest = money_field()
    fee_returned = money_field()
    gst_returned = money_field()
    total = money_field()
    payment_request_id = UUIDField()
    done_at = DateTimeTZField(null=True)

    @property
    def charges(self) -> Decimal:
        """What was charged before, with its tax."""
        return self.total + self.fee_returned + self.gst_returned - self.principal - self.interest
