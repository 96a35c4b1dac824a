"""Loans over the wire."""

import marshmallow as ma

from app.core.http import Money, PageArgs, Schema, StateChangeOut
from app.loans.models import PAYMENT_ORDER
from app.loans.queues import QUEUES
from app.loans.states import LOAN

_COUNT = ma.validate.Range(min=1, max=3650)


class ApplyIn(Schema):
    amount = Money(required=True, minimum=1)
    tenure_days = ma.fields.Integer(required=True, validate=_COUNT)
    purpose = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(["TRAVEL", "MEDICAL", "EDUCATION", "HOUSEHOLD", "OBLIGATIONS", "OTHER"]),
    )


class QuoteIn(Schema):
    """`tenureDays` where the brand lends by days, `instalments` where it lends by instalments."""

    amount = Money(required=True, minimum=1)
    tenure_days = ma.fields.Integer(load_default=None, allow_none=True, validate=_COUNT)
    instalments = ma.fields.Integer(load_default=None, allow_none=True, validate=_COUNT)
    disbursal_date = ma.fields.Date(
        load_default=None, allow_none=True, metadata={"description": "today unless it is given"}
    )
    first_due_date = ma.fields.Date(
        load_default=None, allow_none=True, metadata={"description": "of instalments; else one period on"}
    )


class QuoteRowOut(Schema):
    """Number 0 is the interest of a broken period by itself. `capitalised` interest is added to the principal."""

    number = ma.fields.Integer()
    due_date = ma.fields.Date()
    days = ma.fields.Integer()
    opening = Money()
    principal = Money()
    interest = Money()
    capitalised = Money()
    amount = Money()
    closing = Money()


class ChargeOut(Schema):
    name = ma.fields.String()
    payable_to = ma.fields.String(metadata={"enum": ["LENDER", "THIRD_PARTY"]})
    treatment = ma.fields.String(metadata={"enum": ["DEDUCTED", "FINANCED"]})
    base = Money(metadata={"description": "without tax"})
    gst = Money()
    total = Money()


class KeyFactOut(Schema):
    """A row of the Key Facts Statement: of its facts (part A), or of how the APR comes about (part B)."""

    part = ma.fields.String(metadata={"enum": ["A", "B"]})
    number = ma.fields.String()
    title = ma.fields.String()
    value = ma.fields.String()


class QuoteOut(Schema):
    """`principal` is what is owed: the amount, and charges that are financed. `netDisbursal` reaches the account."""

    amount = Money()
    principal = Money()
    rate_percent = ma.fields.Decimal(as_string=True)
    rate_per = ma.fields.String(metadata={"enum": ["DAY", "YEAR"]})
    disbursal_date = ma.fields.Date()
    due_date = ma.fields.Date()
    tenure_days = ma.fields.Integer()
    schedule = ma.fields.List(ma.fields.Nested(QuoteRowOut))
    charges = ma.fields.List(ma.fields.Nested(ChargeOut))
    gst = Money()
    charges_total = Money()
    upfront_interest = Money()
    interest = Money()
    net_disbursal = Money()
    repayment_amount = Money()
    apr_percent = ma.fields.Decimal(as_string=True)
    key_facts = ma.fields.List(ma.fields.Nested(KeyFactOut))


class LoanOut(Schema):
    id = ma.fields.UUID()
    loan_no = ma.fields.String()
    customer_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": LOAN.states})
    status_since = ma.fields.AwareDateTime()
    agreement_status = ma.fields.String()
    product = ma.fields.String()
    purpose = ma.fields.String()
    applied_amount = Money()
    applied_tenure_days = ma.fields.Integer()
    credit_approved_amount = Money(allow_none=True)
    sanctioned_amount = Money(allow_none=True)
    roi_percent_per_day = ma.fields.Decimal(as_string=True, allow_none=True)
    tenure_days = ma.fields.Integer(allow_none=True)
    processing_fee = Money(allow_none=True)
    gst_amount = Money(allow_none=True)
    net_disbursal = Money(allow_none=True)
    repayment_amount = Money(allow_none=True)
    due_date = ma.fields.Date(allow_none=True)
    disbursed_at = ma.fields.AwareDateTime(allow_none=True)
    closed_at = ma.fields.AwareDateTime(allow_none=True)
    outstanding_amount = Money(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class ExecutiveOut(Schema):
    role = ma.fields.String()
    partner_user_id = ma.fields.UUID()
    name = ma.fields.String()


class LoanFileOut(LoanOut):
    """One loan as staff see it, with who works on it. `heldFrom` is the step that a loan on HOLD goes back to."""

    held_from = ma.fields.String(allow_none=True)
    held_until = ma.fields.Date(allow_none=True)
    send_back_count = ma.fields.Integer()
    sanction_valid_until = ma.fields.Date(allow_none=True)
    executives = ma.fields.List(ma.fields.Nested(ExecutiveOut))


class CostsOut(Schema):
    """What a loan may cost beside its interest, in the figures of its key facts. `isOwn` from the order of its payout
    on; until then they are the brand's, and may change."""

    is_own = ma.fields.Boolean()
    ruleset_hash = ma.fields.String(metadata={"description": "of the rule set `charges`"})
    payment_order = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(PAYMENT_ORDER)),
        metadata={"description": "in which a payment settles what is owed"},
    )
    foreclosure_percent = ma.fields.Decimal(
        as_string=True, metadata={"description": "of the principal outstanding, beside its tax"}
    )
    penal_from = ma.fields.Integer(
        allow_none=True, metadata={"description": "the first day past due that costs something"}
    )
    penal_a_day = Money()
    penal_at_most = Money()
    returned_mandate = Money()
    returned_mandate_gst = Money()


class LoanStepOut(StateChangeOut):
    entity = ma.fields.String()
    reason_code = ma.fields.String(allow_none=True)


class RemarkTextIn(Schema):
    text = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=2000))


class LoanRemarkOut(Schema):
    id = ma.fields.UUID()
    author_id = ma.fields.String()
    author_role = ma.fields.String()
    text = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class ReasonOut(Schema):
    code = ma.fields.String()
    category = ma.fields.String()
    staff = ma.fields.String(metadata={"description": "what was found"})
    customer = ma.fields.String(metadata={"description": "what the customer reads"})


class LoanArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(LOAN.states))
    search = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=50))


class QueueArgs(PageArgs):
    queue = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(list(QUEUES)),
        metadata={"description": "without one that of the caller's role"},
    )
    search = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=50))
    min_amount = Money(load_default=None, minimum=0)
    max_amount = Money(load_default=None, minimum=0)
    breached = ma.fields.Boolean(load_default=None)
    sent_back = ma.fields.Boolean(load_default=None)
    mine = ma.fields.Boolean(
        load_default=False, metadata={"description": "only those that the caller was given"}
    )


class QueuedLoanOut(LoanOut):
    """A loan that waits since `statusSince`; it was received at `createdAt`. `dueAt` is by the brand's hours."""

    waiting_hours = ma.fields.Integer()
    due_at = ma.fields.AwareDateTime(allow_none=True)
    breached = ma.fields.Boolean()
    send_back_count = ma.fields.Integer()
    held_from = ma.fields.String(allow_none=True)
    held_until = ma.fields.Date(allow_none=True)


class QueueCountOut(Schema):
    queue = ma.fields.String(metadata={"enum": list(QUEUES)})
    waiting = ma.fields.Integer()
    breached = ma.fields.Integer()
    oldest_since = ma.fields.AwareDateTime(allow_none=True)
    hours = ma.fields.Integer(allow_none=True, metadata={"description": "that a loan may wait there"})
