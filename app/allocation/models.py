"""Who works on a customer or a loan, and what waits for somebody."""

from peewee import BooleanField, DecimalField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class LoanAllottedPartnerUser(TenantModel):
    """One active row a customer or loan, and kind; earlier ones stay for the history.

    `in_hand`: there is work to do on it now, so it counts as load. `amount` is rupees: applied for, later outstanding.
    `candidates` are those it was chosen from, each with standing and score (`choosing.Scored.told`); none by hand.
    `covers_id`: it stands in for this one while its owner is on leave. `told_at`: its owner knows of it.
    """

    kind = TextField()
    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    partner_user_id = UUIDField()
    role = TextField()
    allocation_type = TextField()
    is_active = BooleanField(default=True)
    in_hand = BooleanField(default=True)
    amount = money_field()
    bucket = TextField(null=True)
    ticket_class = TextField(null=True)
    score = DecimalField(max_digits=12, decimal_places=6, auto_round=True, null=True)
    geo_score = DecimalField(max_digits=3, decimal_places=2, null=True)
    ruleset_hash = TextField(null=True)
    candidates = BinaryJSONField(default=list)
    reason = TextField(null=True)
    allotted_by = TextField()
    ended_at = DateTimeTZField(null=True)
    ended_by = TextField(null=True)
    end_reason = TextField(null=True)
    covers_id = UUIDField(null=True)
    told_at = DateTimeTZField(null=True)


class AllocationWaiting(TenantModel):
    """Nobody could be given it: `why`. It ends when somebody is, or when there is nothing left to do on it."""

    kind = TextField()
    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    amount = money_field()
    why = TextField()
    ended_at = DateTimeTZField(null=True)
    end_reason = TextField(null=True)
