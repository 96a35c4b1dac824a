"""Collections over the wire: queues, contacts, promises, performance."""

import marshmallow as ma

from app.collections import notes, queues
from app.collections.states import PROMISE
from app.contacts.manners import Rule
from app.contacts.schemas import CHANNELS
from app.core.http import Money, PageArgs, Schema

BUCKETS = ["CURRENT", "DPD_1_30", "DPD_31_60", "DPD_61_90", "DPD_91_180", "DPD_ABOVE_180"]
STAGES = ["PRE_COLLECTION", "SOFT_CALLS", "HARD_CALLS", "FIELD_VISITS", "RECOVERY", "LEGAL"]
CLASSES = ["STANDARD", "SMA_0", "SMA_1", "SMA_2", "NPA_SUB_STANDARD", "NPA_DOUBTFUL"]
MODES = ["UPI", "NETBANKING", "CARD", "CASH", "NEFT", "MANDATE"]

_remark = {"validate": ma.validate.Length(min=1, max=1000)}


def one_of(values: list[str], **more: object) -> ma.fields.String:
    return ma.fields.String(validate=ma.validate.OneOf(values), **more)


def filter_of(values: list[str]) -> ma.fields.String:
    return one_of(values, load_default=None, allow_none=True)


_day = {"load_default": None, "allow_none": True}


class AgeingArgs(Schema):
    queue = filter_of(list(queues.QUEUES))
    stage = filter_of(STAGES)
    executive_id = ma.fields.UUID(load_default=None, allow_none=True)
    mine = ma.fields.Boolean(load_default=False)


class WorkedArgs(PageArgs):
    """Of loans that somebody works on."""

    search = ma.fields.String(
        load_default=None, allow_none=True, metadata={"description": "part of a loan's or customer's number"}
    )
    executive_id = ma.fields.UUID(load_default=None, allow_none=True)
    mine = ma.fields.Boolean(load_default=False)
    disposition = filter_of(list(notes.CODES))
    promise = filter_of(PROMISE.states)
    attention = filter_of(list(queues.ATTENTION))
    follow_up_until = ma.fields.Date(**_day)


class QueueArgs(WorkedArgs, AgeingArgs):
    queue = one_of(list(queues.QUEUES), load_default=queues.OVERDUE)
    bucket = filter_of(BUCKETS)
    classification = filter_of(CLASSES)
    min_days = ma.fields.Integer(load_default=None, allow_none=True)
    max_days = ma.fields.Integer(load_default=None, allow_none=True)
    min_total = Money(load_default=None, allow_none=True)
    max_total = Money(load_default=None, allow_none=True)


class WorkedOut(Schema):
    """Who works on it, and the last of what was said and promised."""

    executive_id = ma.fields.UUID(allow_none=True)
    last_disposition = ma.fields.String(allow_none=True)
    last_contact_at = ma.fields.DateTime(allow_none=True)
    follow_up_on = ma.fields.Date(allow_none=True)
    promise_status = ma.fields.String(allow_none=True)
    promise_amount = Money(allow_none=True)
    promise_due_on = ma.fields.Date(allow_none=True)
    attention = ma.fields.String(
        allow_none=True, metadata={"description": "why it comes first", "enum": list(queues.ATTENTION)}
    )


class CollectedLoanOut(WorkedOut):
    loan_id = ma.fields.UUID()
    loan_no = ma.fields.String()
    customer_id = ma.fields.UUID()
    customer_no = ma.fields.String()
    city = ma.fields.String(allow_none=True)
    on_date = ma.fields.Date(metadata={"description": "the end of this day"})
    due_date = ma.fields.Date()
    days_past_due = ma.fields.Integer()
    stage = ma.fields.String()
    bucket = ma.fields.String()
    classification = ma.fields.String()
    principal = Money()
    interest = Money()
    penal = Money()
    charges = Money()
    total = Money()


class WrittenOffArgs(WorkedArgs):
    allotted = ma.fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "whether somebody recovers it"}
    )
    to_recover = ma.fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "but for what came back wholly"}
    )


class WrittenOffOut(WorkedOut):
    loan_id = ma.fields.UUID()
    loan_no = ma.fields.String()
    customer_id = ma.fields.UUID()
    customer_no = ma.fields.String()
    city = ma.fields.String(allow_none=True)
    written_off_at = ma.fields.AwareDateTime()
    recovered = Money(metadata={"description": "what came in since"})
    lost = Money(metadata={"description": "what is left to recover"})


class AgeOut(Schema):
    bucket = ma.fields.String()
    loans = ma.fields.Integer()
    principal = Money()
    total = Money()
    provision = Money()


class DispositionIn(Schema):
    code = one_of(list(notes.CODES), required=True)
    channel = one_of(CHANNELS, required=True)
    remark = ma.fields.String(required=True, **_remark)
    follow_up_on = ma.fields.Date(**_day)
    call_ref = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(max=64),
        metadata={"description": "of the dialer's call, which counted it: its id, or the provider's"},
    )
    contacted_at = ma.fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "when it was; without it, now, and refused where a rule of contact forbids it"
        },
    )
    inbound = ma.fields.Boolean(load_default=False, metadata={"description": "the customer turned to us"})


class DispositionOut(Schema):
    id = ma.fields.UUID()
    code = ma.fields.String()
    contact_party = ma.fields.String(metadata={"enum": [notes.BORROWER, notes.THIRD_PARTY, notes.NOBODY]})
    channel = ma.fields.String()
    inbound = ma.fields.Boolean()
    contacted_at = ma.fields.AwareDateTime()
    broke = ma.fields.String(
        allow_none=True,
        metadata={"description": "the rule of contact that it broke", "enum": [rule.value for rule in Rule]},
    )
    remark = ma.fields.String()
    follow_up_on = ma.fields.Date(allow_none=True)
    call_ref = ma.fields.String(allow_none=True)
    days_past_due = ma.fields.Integer(allow_none=True)
    author_id = ma.fields.String()
    author_role = ma.fields.String()
    created_at = ma.fields.DateTime()


class PromiseIn(Schema):
    amount = Money(required=True)
    due_on = ma.fields.Date(required=True)
    mode = one_of(MODES, required=True)
    remark = ma.fields.String(load_default=None, allow_none=True, **_remark)


class PromiseOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": PROMISE.states})
    amount = Money()
    due_on = ma.fields.Date()
    mode = ma.fields.String()
    remark = ma.fields.String(allow_none=True)
    made_by = ma.fields.String()
    made_on = ma.fields.Date()
    received = Money(allow_none=True)
    judged_on = ma.fields.Date(allow_none=True)


class WhyIn(Schema):
    remark = ma.fields.String(required=True, **_remark)


class PerformanceArgs(Schema):
    from_date = ma.fields.Date(required=True)
    to_date = ma.fields.Date(required=True)


class PerformanceOut(Schema):
    partner_user_id = ma.fields.UUID()
    name = ma.fields.String()
    loans = ma.fields.Integer(metadata={"description": "that were theirs to collect in the period"})
    collected = Money(metadata={"description": "that came in on them while they were, before a write-off"})
    paying_loans = ma.fields.Integer()
    resolution_percent = ma.fields.Integer(allow_none=True)
    recovery_loans = ma.fields.Integer(metadata={"description": "written off, that were theirs to recover"})
    recovered = Money(metadata={"description": "that came in on those while they were"})
    contacts = ma.fields.Integer()
    reached = ma.fields.Integer()
    reached_percent = ma.fields.Integer(allow_none=True)
    promises = ma.fields.Integer()
    promises_kept = ma.fields.Integer()
    promises_broken = ma.fields.Integer()
    kept_percent = ma.fields.Integer(allow_none=True)
    visits = ma.fields.Integer()
    collected_on_visits = Money(metadata={"description": "of it what was approved as a payment"})
    complaints = ma.fields.Integer()
