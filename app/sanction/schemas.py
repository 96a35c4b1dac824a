"""Sanction over the wire."""

import marshmallow as ma

from app.assessment.steps import STEPS
from app.core.http import Money, Schema
from app.loans.schemas import KeyFactOut
from app.loans.states import LOAN
from app.sanction.authority import LEVELS, MAY_SIGN
from app.sanction.states import OFFER

_REMARK = ma.validate.Length(min=1, max=500)


class RemarkIn(Schema):
    remark = ma.fields.String(required=True, validate=_REMARK)


class AgreeIn(RemarkIn):
    amount = Money(
        load_default=None,
        allow_none=True,
        minimum=1,
        metadata={"description": "less than before; more by a head alone, within the eligible"},
    )


def _reason_code(example: str) -> ma.fields.String:
    return ma.fields.String(
        required=True, validate=ma.validate.Length(min=2, max=50), metadata={"example": example}
    )


class RejectIn(RemarkIn):
    reason_code = _reason_code("OF57")


class CloseIn(RemarkIn):
    reason_code = _reason_code("CU91")


class RestIn(RemarkIn):
    until = ma.fields.Date(required=True, metadata={"description": "then it is taken up by itself"})


class ReferralIn(RemarkIn):
    accepted = ma.fields.Boolean(required=True, metadata={"description": "false: the reason stands"})


class ReferralOut(Schema):
    """One reason of the latest decision that refers. `accepted` is null while nothing was said to it."""

    decision_id = ma.fields.UUID()
    rule_id = ma.fields.String()
    code = ma.fields.String()
    reason = ma.fields.String()
    values = ma.fields.Dict()
    thresholds = ma.fields.Dict()
    accepted = ma.fields.Boolean(allow_none=True)
    remark = ma.fields.String(allow_none=True)
    decided_by = ma.fields.String(allow_none=True)
    decided_at = ma.fields.AwareDateTime(allow_none=True)


class DeviationOut(Schema):
    id = ma.fields.UUID()
    source = ma.fields.String(metadata={"enum": ["BRE", "CAM", "OVERRIDE"]})
    rule_id = ma.fields.String()
    code = ma.fields.String(allow_none=True)
    reason = ma.fields.String()
    seen = ma.fields.Dict()
    threshold = ma.fields.Dict()
    delta = ma.fields.Decimal(as_string=True, allow_none=True)
    justification = ma.fields.String()
    raised_by = ma.fields.String()
    approved_by = ma.fields.String(allow_none=True)
    approved_at = ma.fields.AwareDateTime(allow_none=True)
    expires_on = ma.fields.Date(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class OfferIn(RemarkIn):
    amount = Money(required=True, minimum=1)
    tenure_days = ma.fields.Integer(required=True, validate=ma.validate.Range(min=1, max=3650))


class OfferAnswerIn(Schema):
    offer_id = ma.fields.UUID(required=True, metadata={"description": "the one that was shown"})


class OfferOut(Schema):
    """`keyFacts` is the Key Facts Statement of these terms, `terms` what they come to, schedule and charges in it."""

    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": OFFER.states})
    amount = Money()
    tenure_days = ma.fields.Integer()
    terms = ma.fields.Dict()
    key_facts = ma.fields.List(ma.fields.Nested(KeyFactOut))
    valid_until = ma.fields.Date()
    created_at = ma.fields.AwareDateTime()
    decided_at = ma.fields.AwareDateTime(allow_none=True)


class OfferMadeOut(OfferOut):
    """An offer as staff see it."""

    proposed_by = ma.fields.String()
    remark = ma.fields.String()


class ConditionOut(Schema):
    name = ma.fields.String()
    sentence = ma.fields.String(metadata={"description": "what holds when it holds"})
    holds = ma.fields.Boolean()


class ApprovalOut(Schema):
    level = ma.fields.String(metadata={"enum": list(MAY_SIGN)})
    approved_by = ma.fields.String()
    amount = Money()
    remark = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class SanctionOut(Schema):
    """Where a file stands. `authority` is null where there is no memo, or nobody may sanction it (`refusal`)."""

    loan_id = ma.fields.UUID()
    status = ma.fields.String()
    applied_amount = Money()
    credit_approved_amount = Money(allow_none=True)
    sanctioned_amount = Money(allow_none=True)
    send_back_count = ma.fields.Integer()
    may_send_back = ma.fields.Boolean()
    checklist = ma.fields.List(ma.fields.Nested(ConditionOut))
    approvals = ma.fields.List(ma.fields.Nested(ApprovalOut))
    authority = ma.fields.String(allow_none=True, metadata={"enum": list(LEVELS)})
    open_levels = ma.fields.List(ma.fields.String(metadata={"enum": list(MAY_SIGN)}))
    refusal = ma.fields.String(allow_none=True)


class AssessmentStepOut(Schema):
    """`reason` says what is missing, and `waitsFor` who is to bring it."""

    step = ma.fields.String(metadata={"enum": list(STEPS)})
    status = ma.fields.String(metadata={"enum": ["DONE", "RUNNING", "WAITING", "NEXT"]})
    waits_for = ma.fields.String(allow_none=True, metadata={"enum": ["CUSTOMER", "BANK", "STAFF"]})
    reason = ma.fields.String(allow_none=True)


class ProgressOut(Schema):
    """`words`, `waitingFor` and `nextStep` are for people: what happens, on whom it waits, what the customer does."""

    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": LOAN.states})
    stage = ma.fields.String()
    words = ma.fields.String()
    waiting_for = ma.fields.String(allow_none=True)
    next_step = ma.fields.String(allow_none=True)
    since = ma.fields.AwareDateTime()
    steps = ma.fields.List(
        ma.fields.Nested(AssessmentStepOut), metadata={"description": "to a decision; empty once it is past"}
    )
    bank_consent_url = ma.fields.Url(
        allow_none=True, metadata={"description": "where the customer lets their bank share the statement"}
    )
