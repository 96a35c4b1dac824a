"""Allocation over the wire."""

from typing import Any
from uuid import UUID

import marshmallow as ma

from app.allocation.by_hand import AUTO, MOVED_MAX
from app.allocation.kinds import Kind
from app.core.http import Money, PageArgs, Schema

_KIND = ma.validate.OneOf([kind.value for kind in Kind])


def _somebody(text: str) -> None:
    if text == AUTO:
        return
    try:
        UUID(text)
    except ValueError:
        raise ma.ValidationError('The id of a member of staff, or "auto".') from None


class KindArgs(Schema):
    kind = ma.fields.String(load_default=None, validate=_KIND)


class QueueArgs(PageArgs):
    """Sort by `createdAt` or `amount`."""

    kind = ma.fields.String(load_default=None, validate=_KIND)


class AllocationArgs(QueueArgs):
    executive_id = ma.fields.UUID(load_default=None)
    active = ma.fields.Boolean(load_default=None)


class MoveWorkIn(Schema):
    """What to move (loans or, of kind CUSTOMER, customers), from whom if that matters, and to whom."""

    kind = ma.fields.String(required=True, validate=_KIND)
    subject_ids = ma.fields.List(
        ma.fields.UUID(), load_default=list, validate=ma.validate.Length(max=MOVED_MAX)
    )
    held_by = ma.fields.UUID(data_key="from", load_default=None)
    to = ma.fields.String(
        required=True,
        validate=_somebody,
        metadata={"description": 'the id of a member of staff, or "auto"', "example": AUTO},
    )
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=3, max=500))


class WorkResultOut(Schema):
    """`code` and `message` say why it was not moved."""

    subject_id = ma.fields.UUID()
    status = ma.fields.String(validate=ma.validate.OneOf(["MOVED", "FAILED"]))
    partner_user_id = ma.fields.UUID()
    code = ma.fields.String()
    message = ma.fields.String()


class WorkMovedOut(Schema):
    moved = ma.fields.Integer()
    results = ma.fields.List(ma.fields.Nested(WorkResultOut))


class AllotmentOut(Schema):
    """`createdAt` is when it was given to them, `endedAt` when it was taken, `geoScore` how near they were, 0 to 1."""

    id = ma.fields.UUID()
    kind = ma.fields.String()
    customer_id = ma.fields.UUID()
    loan_id = ma.fields.UUID(allow_none=True)
    role = ma.fields.String()
    partner_user_id = ma.fields.UUID()
    name = ma.fields.String()
    allocation_type = ma.fields.String()
    is_active = ma.fields.Boolean()
    in_hand = ma.fields.Boolean()
    amount = Money()
    bucket = ma.fields.String(allow_none=True)
    ticket_class = ma.fields.String(allow_none=True)
    score = ma.fields.Decimal(as_string=True, allow_none=True)
    geo_score = ma.fields.Decimal(as_string=True, allow_none=True)
    reason = ma.fields.String(allow_none=True)
    allotted_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    ended_at = ma.fields.AwareDateTime(allow_none=True)
    ended_by = ma.fields.String(allow_none=True)
    end_reason = ma.fields.String(allow_none=True)
    days_held = ma.fields.Integer()


class QueuedOut(AllotmentOut):
    loan_no = ma.fields.String(allow_none=True)
    customer_no = ma.fields.String()
    ageing_hours = ma.fields.Integer()


class CandidateOut(Schema):
    """`standing`: ELIGIBLE, AWAY, FULL, OTHER_CLASS, OTHER_LANGUAGE, RATED_TOO_LOW or UNKNOWN, as it was then."""

    partner_user_id = ma.fields.UUID()
    name = ma.fields.String(allow_none=True)
    standing = ma.fields.String()
    score = ma.fields.String()
    nearness = ma.fields.String()
    in_hand = ma.fields.Integer()
    amount_in_hand = Money()
    capacity = ma.fields.Integer(allow_none=True)
    rating = ma.fields.String(allow_none=True)
    known = ma.fields.Boolean()

    @ma.pre_dump
    def _stored(self, kept: dict[str, Any], **_: object) -> dict[str, Any]:
        return {name: kept.get(field.data_key) for name, field in self.fields.items()}


class AllocationOut(QueuedOut):
    """With everybody who was looked at, whoever came first first, and the rules that said so."""

    ruleset_hash = ma.fields.String(allow_none=True)
    candidates = ma.fields.List(ma.fields.Nested(CandidateOut), attribute="considered")


class WaitingOut(Schema):
    id = ma.fields.UUID()
    kind = ma.fields.String()
    customer_id = ma.fields.UUID()
    customer_no = ma.fields.String()
    loan_id = ma.fields.UUID(allow_none=True)
    loan_no = ma.fields.String(allow_none=True)
    amount = Money()
    why = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    ageing_hours = ma.fields.Integer()


class LoadOut(Schema):
    """`kinds` take the same room. `standing` is GONE of who works here no more and has something in hand still."""

    role = ma.fields.String()
    kinds = ma.fields.List(ma.fields.String())
    partner_user_id = ma.fields.UUID()
    name = ma.fields.String()
    present = ma.fields.Boolean()
    standing = ma.fields.String(allow_none=True)
    in_hand = ma.fields.Integer()
    amount = Money()
    capacity = ma.fields.Integer(allow_none=True)
    last_allotted_at = ma.fields.AwareDateTime(allow_none=True)
    oldest_at = ma.fields.AwareDateTime(allow_none=True)
