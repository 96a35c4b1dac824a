"""Legal notices over the wire."""

import marshmallow as ma

from app.collections.legal import notices as legal
from app.collections.states import NOTICE
from app.core.http import Money, PageArgs, Schema
from app.documents.schemas import LanguageIn

_remark = {"validate": ma.validate.Length(min=1, max=1000)}


class LegalNoticeIn(LanguageIn):
    """In which language; the customer's, if not said."""


class LegalNoticeArgs(PageArgs):
    status = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf([*NOTICE.states, None])
    )
    loan_id = ma.fields.UUID(load_default=None, allow_none=True)
    expired = ma.fields.Boolean(
        load_default=False, metadata={"description": "delivered, and its last day has passed"}
    )


class DispatchIn(Schema):
    carrier = ma.fields.String(required=True, validate=ma.validate.OneOf(legal.CARRIERS))
    tracking_no = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(min=4, max=40),
        metadata={"description": "needed of all carriers but HAND"},
    )
    dispatched_on = ma.fields.Date(required=True)


class NoticeEndIn(Schema):
    status = ma.fields.String(required=True, validate=ma.validate.OneOf(["DELIVERED", "RETURNED"]))
    on = ma.fields.Date(required=True)
    remark = ma.fields.String(load_default=None, allow_none=True, **_remark)


class LegalNoticeOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": NOTICE.states})
    document_id = ma.fields.UUID(metadata={"description": "the PDF, with the documents of the loan"})
    number = ma.fields.String()
    total_due = Money()
    days_past_due = ma.fields.Integer()
    pay_by = ma.fields.Date()
    made_by = ma.fields.String()
    carrier = ma.fields.String(allow_none=True)
    tracking_no = ma.fields.String(allow_none=True)
    dispatched_on = ma.fields.Date(allow_none=True)
    ended_on = ma.fields.Date(allow_none=True)
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.DateTime()
