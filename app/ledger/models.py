"""The journal, append-only, and the plan of repayments."""

from peewee import DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class JournalEntry(TenantModel):
    """One entry. The database refuses one whose lines do not balance, and any change of what is booked.

    `business_date` is the day in whose books it is, `value_date` the earlier one from which it settles, if there is
    one. `facts` is what its event said. Money that belongs to no loan known yet is in entries without one."""

    loan_id = UUIDField(null=True)
    kind = TextField()
    business_date = DateField()
    value_date = DateField(null=True)
    reference = TextField()
    facts = BinaryJSONField(default=dict)


class JournalLine(TenantModel):
    """An amount on one side of one account."""

    entry_id = UUIDField()
    account = TextField()
    debit = money_field(default=0)
    credit = money_field(default=0)


class LateBooking(TenantModel):
    """Something was booked on the loan for a day that was over, the earliest `from_day`. `id` is another one whenever
    something more is."""

    loan_id = UUIDField()
    from_day = DateField()


class RepaymentTimeline(TenantModel):
    """What the customer agreed to pay, and when it was paid."""

    loan_id = UUIDField()
    instalment_no = IntegerField()
    due_date = DateField()
    principal = money_field()
    interest = money_field()
    paid_at = DateTimeTZField(null=True)
