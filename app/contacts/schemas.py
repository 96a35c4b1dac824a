"""Contact rules over the wire."""

import marshmallow as ma

from app.contacts.manners import Channel, Rule
from app.core.http import PageArgs, Schema

CHANNELS = [channel.value for channel in Channel]
REASONS = [
    "CUSTOMER_ASKED",
    "BEREAVEMENT",
    "ILLNESS",
    "FAMILY_OCCASION",
    "DISPUTE",
    "LEGAL_REPRESENTATIVE",
    "DECEASED",
    "WRONG_NUMBER",
]


_day = {"load_default": None, "allow_none": True}


class NoContactIn(Schema):
    channels = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(CHANNELS)),
        required=True,
        validate=ma.validate.Length(min=1, max=len(CHANNELS)),
        metadata={"example": ["CALL"]},
    )
    reason = ma.fields.String(required=True, validate=ma.validate.OneOf(REASONS))
    remark = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=500))
    from_date = ma.fields.Date(**_day, metadata={"description": "today, if not said"})
    until_date = ma.fields.Date(**_day, metadata={"description": "its last day; null is for good"})


class NoContactOut(Schema):
    id = ma.fields.UUID()
    channels = ma.fields.List(ma.fields.String(metadata={"enum": CHANNELS}))
    reason = ma.fields.String(metadata={"enum": REASONS})
    remark = ma.fields.String()
    from_date = ma.fields.Date()
    until_date = ma.fields.Date(allow_none=True)
    made_by = ma.fields.String()
    created_at = ma.fields.DateTime()
    ended_at = ma.fields.AwareDateTime(allow_none=True)
    ended_by = ma.fields.String(allow_none=True)


class ChannelOut(Schema):
    channel = ma.fields.String(metadata={"enum": CHANNELS})
    allowed = ma.fields.Boolean()
    rule = ma.fields.String(allow_none=True, metadata={"enum": [rule.value for rule in Rule]})
    reason = ma.fields.String(allow_none=True)
    allowed_from = ma.fields.AwareDateTime(allow_none=True)


class ContactOut(Schema):
    channels = ma.fields.List(ma.fields.Nested(ChannelOut))
    no_contact = ma.fields.List(ma.fields.Nested(NoContactOut))


class BreachArgs(PageArgs):
    from_date = ma.fields.Date(**_day)
    to_date = ma.fields.Date(**_day)
    rule = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf([rule.value for rule in Rule])
    )
    channel = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(CHANNELS))
    customer_id = ma.fields.UUID(load_default=None, allow_none=True)
    partner_user_id = ma.fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "who made the contact"}
    )


class BreachOut(Schema):
    id = ma.fields.UUID()
    customer_id = ma.fields.UUID()
    loan_id = ma.fields.UUID(allow_none=True)
    channel = ma.fields.String(metadata={"enum": CHANNELS})
    rule = ma.fields.String(attribute="broke", metadata={"enum": [rule.value for rule in Rule]})
    made_at = ma.fields.AwareDateTime()
    made_by = ma.fields.String()
    told_at = ma.fields.DateTime(attribute="created_at", metadata={"description": "when it was written down"})
