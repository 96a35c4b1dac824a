"""Field visits and skip tracing over the wire; what was found is masked but for who asks with a reason."""

import marshmallow as ma
from flask_smorest.fields import Upload

from app.collections.field.traces import RIGHT, UNVERIFIED, WRONG
from app.collections.schemas import filter_of, one_of
from app.collections.states import VISIT
from app.core.http import Bounded, Money, PageArgs, Schema
from app.kyc import validators

KINDS = {
    "PHONE": validators.PHONE,
    "EMAIL": ma.validate.Email(),
    "ADDRESS": ma.validate.Length(min=10),
    "EMPLOYER": ma.validate.Length(min=3),
}
SOURCES = ["BUREAU", "REFERENCE", "NEIGHBOUR", "EMPLOYER", "SOCIAL_MEDIA", "PUBLIC_RECORD", "CUSTOMER"]
STATUSES = [UNVERIFIED, RIGHT, WRONG]
VISIT_TYPES = ["RESIDENCE", "OFFICE"]
OUTCOMES = ["PAID", "PROMISED", "REFUSED", "NOT_FOUND", "LOCKED", "SHIFTED", "DECEASED", "OTHER"]
MET = ["BORROWER", "FAMILY", "COLLEAGUE", "NEIGHBOUR", "NOBODY"]

_remark = {"validate": ma.validate.Length(min=1, max=1000)}


class VisitIn(Schema):
    visit_type = one_of(VISIT_TYPES, required=True)
    reason = ma.fields.String(required=True, **_remark)


class VisitArgs(PageArgs):
    status = filter_of(VISIT.states)
    loan_id = ma.fields.UUID(load_default=None, allow_none=True)
    executive_id = ma.fields.UUID(load_default=None, allow_none=True)


class VisitAssignIn(Schema):
    executive_id = ma.fields.UUID(required=True)


class VisitReachIn(Schema):
    latitude = Bounded("-90", "90", places=6, required=True)
    longitude = Bounded("-180", "180", places=6, required=True)
    distance_km = Bounded("0", "5000", load_default=None, allow_none=True)


class VisitEndIn(Schema):
    outcome = one_of(OUTCOMES, required=True, metadata={"example": "NOT_FOUND"})
    met_whom = one_of(MET, required=True)
    amount_collected = Money(
        load_default=None, allow_none=True, minimum=1, metadata={"description": "cash, needed where PAID"}
    )
    receipt_no = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Regexp(r"^[A-Za-z0-9/_-]{4,40}\Z"),
        metadata={
            "description": "of the cash; the money waits for approval under it",
            "example": "RCPT-0001",
        },
    )
    next_action_date = ma.fields.Date(load_default=None, allow_none=True)
    remark = ma.fields.String(load_default=None, allow_none=True, **_remark)

    @ma.validates_schema
    def _is_receipted(self, data: dict, **kwargs: object) -> None:
        taken, receipt = data["amount_collected"], data["receipt_no"]
        if data["outcome"] == "PAID" and not taken:
            raise ma.ValidationError({"amountCollected": ["Say how much was paid."]})
        if bool(taken) != bool(receipt):
            raise ma.ValidationError({"receiptNo": ["Cash and its receipt go together."]})


class PhotoIn(Schema):
    file = Upload(required=True)


class TripOut(Schema):
    executive_id = ma.fields.UUID(attribute="partner_user_id", allow_none=True)
    started_at = ma.fields.String(allow_none=True)
    reached_at = ma.fields.String(allow_none=True)
    ended_at = ma.fields.String()
    latitude = ma.fields.String(allow_none=True)
    longitude = ma.fields.String(allow_none=True)
    distance_km = ma.fields.String(allow_none=True)
    outcome = ma.fields.String()
    met_whom = ma.fields.String()
    amount_collected = Money(allow_none=True)
    manual_payment_id = ma.fields.UUID(allow_none=True)
    remark = ma.fields.String(allow_none=True)


class FieldVisitOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": VISIT.states})
    visit_type = ma.fields.String()
    reason = ma.fields.String()
    requested_by = ma.fields.String()
    executive_id = ma.fields.UUID(attribute="partner_user_id", allow_none=True)
    started_at = ma.fields.AwareDateTime(allow_none=True)
    reached_at = ma.fields.AwareDateTime(allow_none=True)
    ended_at = ma.fields.AwareDateTime(allow_none=True)
    latitude = ma.fields.Decimal(as_string=True, allow_none=True)
    longitude = ma.fields.Decimal(as_string=True, allow_none=True)
    distance_km = ma.fields.Decimal(as_string=True, allow_none=True)
    outcome = ma.fields.String(allow_none=True)
    met_whom = ma.fields.String(allow_none=True)
    amount_collected = Money(allow_none=True)
    manual_payment_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "the money among the payments to approve"}
    )
    next_action_date = ma.fields.Date(allow_none=True)
    remark = ma.fields.String(allow_none=True)
    photo_ids = ma.fields.List(ma.fields.UUID(), metadata={"description": "documents of the loan"})
    earlier_trips = ma.fields.List(
        ma.fields.Nested(TripOut), metadata={"description": "after which somebody had to go again"}
    )
    approved_by = ma.fields.String(allow_none=True)


class TraceIn(Schema):
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(list(KINDS)))
    value = ma.fields.String(
        required=True, validate=ma.validate.Length(min=3, max=500), metadata={"example": "9876501234"}
    )
    source = ma.fields.String(required=True, validate=ma.validate.OneOf(SOURCES))
    remark = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=1000)
    )

    @ma.validates_schema
    def _is_of_its_kind(self, data: dict, **kwargs: object) -> None:
        try:
            KINDS[data["kind"]](data["value"])
        except ma.ValidationError as misfit:
            raise ma.ValidationError({"value": misfit.messages}) from None


class TraceArgs(PageArgs):
    kind = filter_of(list(KINDS))
    status = filter_of(STATUSES)


class TraceVerifyIn(Schema):
    right = ma.fields.Boolean(required=True)


class TraceRevealIn(Schema):
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=5, max=500))


class TraceOut(Schema):
    id = ma.fields.UUID()
    kind = ma.fields.String()
    value = ma.fields.Function(lambda trace: masked(trace.value), metadata={"description": "masked"})
    source = ma.fields.String()
    status = ma.fields.String(metadata={"enum": STATUSES})
    remark = ma.fields.String(allow_none=True)
    found_by = ma.fields.String()
    verified_by = ma.fields.String(allow_none=True)
    verified_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.DateTime()


class TraceRevealedOut(Schema):
    id = ma.fields.UUID()
    kind = ma.fields.String()
    value = ma.fields.String(metadata={"description": "in full"})


def masked(value: str) -> str:
    """Its last four letters: enough to tell it from others."""
    return f"{'X' * max(4, len(value) - 4)}{value[-4:]}"
