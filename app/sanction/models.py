"""What is decided on the way of a file: referrals, approvals, deviations, offers."""

from peewee import BooleanField, DateField, DecimalField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class ReferralDecision(TenantModel):
    """What the credit executive says to one reason of a decision that refers. Never changed; the newest counts."""

    loan_id = UUIDField()
    decision_id = UUIDField()
    rule_id = TextField()
    accepted = BooleanField()
    remark = TextField()
    decided_by = TextField()


class SanctionApproval(TenantModel):
    """One person's yes at one level. The database holds each person to one level of a loan at a time."""

    loan_id = UUIDField()
    level = TextField()
    approved_by = TextField()
    amount = money_field()
    remark = TextField()
    superseded_at = DateTimeTZField(null=True)


class Deviation(TenantModel):
    """One departure from the policy. `delta` is how far, where the rule compares one value with one threshold."""

    loan_id = UUIDField()
    source = TextField()
    rule_id = TextField()
    code = TextField(null=True)
    reason = TextField()
    seen = BinaryJSONField()
    threshold = BinaryJSONField()
    delta = DecimalField(null=True, max_digits=30, decimal_places=10, auto_round=False)
    justification = TextField()
    raised_by = TextField()
    approved_by = TextField(null=True)
    approved_at = DateTimeTZField(null=True)
    expires_on = DateField(null=True)
    superseded_at = DateTimeTZField(null=True)


class LoanOffer(TenantModel):
    """Terms other than applied for. `terms` and `key_facts` are what the customer was shown, as it was shown."""

    loan_id = UUIDField()
    cam_id = UUIDField()
    status = TextField()
    amount = money_field()
    tenure_days = IntegerField()
    terms = BinaryJSONField()
    key_facts = BinaryJSONField()
    proposed_by = TextField()
    remark = TextField()
    valid_until = DateField()
    decided_at = DateTimeTZField(null=True)
