"""Campaigns over the wire."""

import marshmallow as ma

from app.campaigns.states import CAMPAIGN
from app.core.http import PageArgs, Schema
from app.dashboards.filters import StageFilters
from app.dashboards.stages import STAGES
from app.messaging.kinds import CHANNELS
from app.provider_calls.schemas import Paise
from app.reminders.schemas import payload, template_code

PER_MINUTE_MAX = 6_000


class AudienceIn(Schema):
    """Who is told what: the customers on a list of the portal, narrowed as that list is."""

    stage = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(list(STAGES)),
        metadata={"description": "a list of the portal", "example": "OVERDUE"},
    )
    filters = ma.fields.Nested(StageFilters, load_default=lambda: StageFilters().load({}))
    channel = ma.fields.String(required=True, validate=ma.validate.OneOf(CHANNELS))
    template_code = template_code()
    payload = payload()


class CampaignIn(AudienceIn):
    name = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))
    per_minute = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(min=1, max=PER_MINUTE_MAX),
        metadata={"description": "at most so many are told in a minute"},
    )


class CampaignListArgs(PageArgs):
    status = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(CAMPAIGN.states))


class CampaignStopIn(Schema):
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=500))


class CampaignSampleOut(Schema):
    """`text` is null for somebody whose loan does not know a value: they would not be told."""

    customer_id = ma.fields.UUID()
    customer_name = ma.fields.String(allow_none=True)
    loan_id = ma.fields.UUID(allow_none=True)
    text = ma.fields.String(allow_none=True)


class CampaignRefusedOut(Schema):
    reason = ma.fields.String(metadata={"example": "STOPPED"})
    count = ma.fields.Integer()


class CampaignDryRunOut(Schema):
    """`count` are on the list. `now` would be told at once, `later` when the hours or rules of contact allow it, those
    `refused` not at all: NO_ADDRESS, VALUES_MISSING, or what the rules say. `costPaise` is for all who would be told.
    """

    count = ma.fields.Integer()
    now = ma.fields.Integer()
    later = ma.fields.Integer()
    refused = ma.fields.List(ma.fields.Nested(CampaignRefusedOut))
    cost_paise = Paise()
    sample = ma.fields.List(ma.fields.Nested(CampaignSampleOut))


class CampaignProgressOut(Schema):
    """`total` is null until everybody is gathered; `waiting` have not had their turn, the rest are reminders."""

    total = ma.fields.Integer(allow_none=True)
    waiting = ma.fields.Integer(dump_default=0)
    pending = ma.fields.Integer(dump_default=0)
    sent = ma.fields.Integer(dump_default=0)
    failed = ma.fields.Integer(dump_default=0)
    cancelled = ma.fields.Integer(dump_default=0)


class CampaignOut(Schema):
    id = ma.fields.UUID()
    name = ma.fields.String()
    stage = ma.fields.String()
    filters = ma.fields.Dict()
    channel = ma.fields.String(metadata={"enum": list(CHANNELS)})
    template_code = ma.fields.String()
    payload = ma.fields.Dict()
    per_minute = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": CAMPAIGN.states})
    progress = ma.fields.Nested(CampaignProgressOut)
    created_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    ended_at = ma.fields.AwareDateTime(allow_none=True)
