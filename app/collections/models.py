"""Collecting: what was said and seen, what was promised, what would be given up, and what customers complain of."""

from datetime import date
from typing import Any

from peewee import BooleanField, DateField, DecimalField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.collections.concessions import instalments
from app.core import clock
from app.core.crypto import EncryptedField
from app.core.database import TenantModel
from app.core.fields import money_field
from app.core.money import ZERO


class Disposition(TenantModel):
    """What came of a contact: whom it reached, and what they said. Never changed.

    `inbound`: the customer turned to us. `broke` names the rule of contact that was broken.
    """

    loan_id = UUIDField()
    customer_id = UUIDField()
    code = TextField()
    contact_party = TextField()
    channel = TextField()
    inbound = BooleanField(default=False)
    contacted_at = DateTimeTZField()
    broke = TextField(null=True)
    remark = TextField()
    follow_up_on = DateField(null=True)
    call_ref = TextField(null=True)
    days_past_due = IntegerField(null=True)
    author_id = TextField()
    author_role = TextField()


class PromiseToPay(TenantModel):
    """The customer said that they will pay `amount` by `due_on`. `received` came in for it so far as it was judged."""

    loan_id = UUIDField()
    customer_id = UUIDField()
    status = TextField()
    amount = money_field()
    due_on = DateField()
    mode = TextField()
    remark = TextField(null=True)
    made_by = TextField()
    made_on = DateField()
    received = money_field(null=True)
    judged_on = DateField(null=True)


class FieldVisit(TenantModel):
    """Somebody goes to see the customer. Where they were is degrees north and east (WGS 84).

    `earlier_trips`: what came of those after which somebody had to go again. `manual_payment_id`: the money that was
    taken there, for somebody to check.
    """

    loan_id = UUIDField()
    customer_id = UUIDField()
    status = TextField()
    visit_type = TextField()
    reason = TextField()
    requested_by = TextField()
    partner_user_id = UUIDField(null=True)
    started_at = DateTimeTZField(null=True)
    reached_at = DateTimeTZField(null=True)
    ended_at = DateTimeTZField(null=True)
    latitude = DecimalField(max_digits=9, decimal_places=6, auto_round=True, null=True)
    longitude = DecimalField(max_digits=9, decimal_places=6, auto_round=True, null=True)
    distance_km = DecimalField(max_digits=7, decimal_places=2, auto_round=True, null=True)
    outcome = TextField(null=True)
    met_whom = TextField(null=True)
    amount_collected = money_field(null=True)
    next_action_date = DateField(null=True)
    remark = TextField(null=True)
    photo_ids = BinaryJSONField(default=list)
    earlier_trips = BinaryJSONField(default=list)
    manual_payment_id = UUIDField(null=True)
    approved_by = TextField(null=True)
    erased_at = DateTimeTZField(null=True)


class SkipTrace(TenantModel):
    """Where a customer who cannot be reached may be found, and whether that was right."""

    loan_id = UUIDField()
    customer_id = UUIDField()
    kind = TextField()
    value = EncryptedField(column_name="value_enc")
    source = TextField()
    status = TextField(default="UNVERIFIED")
    remark = TextField(null=True)
    found_by = TextField()
    verified_by = TextField(null=True)
    verified_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)


class Concession(TenantModel):
    """What would be given up of a debt: a waiver, a settlement for `amount`, or all of it as lost.

    `waived` says how much of each part. `authority` is what the policy asked for on the day of the proposal;
    `approvals` who said yes, as [{"by", "level", "at"}]. A settlement stands until `valid_until`; `instalments` say how
    it is paid, as [{"due_on", "amount"}], `received` what came in for it so far, and `letter_id` is its letter.
    """

    loan_id = UUIDField()
    customer_id = UUIDField()
    kind = TextField()
    status = TextField()
    amount = money_field(null=True)
    waived = BinaryJSONField()
    total_due = money_field()
    days_past_due = IntegerField()
    authority = TextField()
    warnings = BinaryJSONField(default=list)
    ruleset_hash = TextField()
    reason = TextField()
    proposed_by = TextField()
    approvals = BinaryJSONField(default=list)
    decided_by = TextField(null=True)
    decided_at = DateTimeTZField(null=True)
    remark = TextField(null=True)
    offered_on = DateField(null=True)
    valid_until = DateField(null=True)
    instalments = BinaryJSONField(default=list)
    received = money_field(null=True)
    lapsed_on = DateField(null=True)
    letter_id = UUIDField(null=True)

    @property
    def plan(self) -> list[dict[str, Any]]:
        """Its instalments and how far each is paid, so far as was looked."""
        return instalments.shown(instalments.read(self.instalments), self.received or ZERO)


class LegalNotice(TenantModel):
    """A legal notice about what was due on its day, and how the paper went: `carrier` took it as `tracking_no`."""

    loan_id = UUIDField()
    customer_id = UUIDField()
    status = TextField()
    document_id = UUIDField()
    number = TextField()
    total_due = money_field()
    days_past_due = IntegerField()
    pay_by = DateField()
    made_by = TextField()
    carrier = TextField(null=True)
    tracking_no = TextField(null=True)
    dispatched_on = DateField(null=True)
    ended_on = DateField(null=True)
    remark = TextField(null=True)


class Suit(TenantModel):
    """A suit for what is owed, before `court` under `case_number`. VOID: there was none."""

    loan_id = UUIDField()
    customer_id = UUIDField()
    status = TextField()
    court = TextField()
    case_number = TextField()
    filed_on = DateField()
    ended_on = DateField(null=True)
    told_by = TextField()
    remark = TextField(null=True)


class Complaint(TenantModel):
    """A customer complains of how they are collected from. `assigned_to` answers it; `taken_by` is of the staff, or the
    customer."""

    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    status = TextField()
    category = TextField()
    text = EncryptedField(column_name="text_enc")
    about_user_id = UUIDField(null=True)
    taken_by = TextField()
    assigned_to = UUIDField(null=True)
    escalated_at = DateTimeTZField(null=True)
    answer_due_on = DateField()
    answer = EncryptedField(column_name="answer_enc", null=True)
    resolved_by = TextField(null=True)
    resolved_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)

    @property
    def days_open(self) -> int:
        """Calendar days from the day on which it was taken to its answer, or to today."""
        return (self._ended_on - clock.business_day(self.created_at)).days

    @property
    def in_time(self) -> bool:
        """Whether it was answered in time, or still can be."""
        return self._ended_on <= self.answer_due_on

    @property
    def _ended_on(self) -> date:
        return clock.business_day(self.resolved_at or clock.now())
