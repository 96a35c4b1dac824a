"""Complaints over the wire."""

import marshmallow as ma

from app.collections.schemas import filter_of
from app.collections.states import COMPLAINT
from app.core.http import PageArgs, Schema

CATEGORIES = [
    "RUDE",
    "TOO_OFTEN",
    "OUTSIDE_HOURS",
    "THIRD_PARTY_CONTACTED",
    "WRONG_AMOUNT",
    "PAID_ALREADY",
    "OTHER",
]
_text = {"required": True, "validate": ma.validate.Length(min=1, max=4000)}


class OwnComplaintIn(Schema):
    category = ma.fields.String(required=True, validate=ma.validate.OneOf(CATEGORIES))
    text = ma.fields.String(**_text)


class ComplaintIn(OwnComplaintIn):
    about_user_id = ma.fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "of the staff whom it is about"}
    )


class ComplaintArgs(PageArgs):
    status = filter_of(COMPLAINT.states)
    category = filter_of(CATEGORIES)
    loan_id = ma.fields.UUID(load_default=None, allow_none=True)
    executive_id = ma.fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "who answers it"}
    )
    about_user_id = ma.fields.UUID(load_default=None, allow_none=True)
    overdue = ma.fields.Boolean(load_default=False, metadata={"description": "not answered in time"})


class ComplaintAssignIn(Schema):
    executive_id = ma.fields.UUID(required=True)


class ComplaintAnswerIn(Schema):
    answer = ma.fields.String(**_text)


class OwnComplaintOut(Schema):
    """As its customer sees it."""

    id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": COMPLAINT.states})
    category = ma.fields.String()
    text = ma.fields.String()
    answer_due_on = ma.fields.Date()
    answer = ma.fields.String(allow_none=True)
    resolved_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.DateTime()


class ComplaintOut(OwnComplaintOut):
    loan_id = ma.fields.UUID(allow_none=True)
    customer_id = ma.fields.UUID()
    about_user_id = ma.fields.UUID(allow_none=True)
    taken_by = ma.fields.String(metadata={"description": "of the staff, or the customer"})
    executive_id = ma.fields.UUID(attribute="assigned_to", allow_none=True)
    escalated_at = ma.fields.AwareDateTime(allow_none=True)
    resolved_by = ma.fields.String(allow_none=True)
    days_open = ma.fields.Integer(metadata={"description": "to its answer, or to today"})
    in_time = ma.fields.Boolean(metadata={"description": "answered in time, or still can be"})
