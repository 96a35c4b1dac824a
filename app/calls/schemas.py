"""Calls over the wire."""

from datetime import date

import marshmallow as ma

from app.calls.recordings import STATUSES
from app.calls.states import CALL
from app.core.http import PageArgs, Schema
from app.providers.acefone import INBOUND, OUTBOUND

_day = ma.validate.Range(min=date(2000, 1, 1), max=date(2100, 1, 1))


def _day_of(meaning: str) -> ma.fields.Date:
    return ma.fields.Date(
        load_default=None, allow_none=True, validate=_day, metadata={"description": meaning}
    )


class CallIn(Schema):
    """`partnerUserId` is who calls: oneself."""

    user_id = ma.fields.UUID(required=True, metadata={"description": "the customer"})
    partner_user_id = ma.fields.UUID(required=True)
    brand_id = ma.fields.String(required=True, metadata={"example": "qualoan"})
    loan_id = ma.fields.UUID(load_default=None, allow_none=True)


class CallStatsArgs(Schema):
    from_date = _day_of("of India, included")
    to_date = _day_of("of India, included")

    @ma.validates_schema
    def _is_ordered(self, data: dict, **kwargs: object) -> None:
        if data["from_date"] and data["to_date"] and data["from_date"] > data["to_date"]:
            raise ma.ValidationError({"toDate": ["Comes before fromDate."]})


class CallListArgs(PageArgs, CallStatsArgs):
    status = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(CALL.states))
    direction = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf([OUTBOUND, INBOUND])
    )
    loan_id = ma.fields.UUID(load_default=None, allow_none=True)


class UserCallRecordingOut(Schema):
    """`reason`: why it is not here yet, or at all."""

    status = ma.fields.String(metadata={"enum": list(STATUSES)})
    content_type = ma.fields.String(allow_none=True)
    size_bytes = ma.fields.Integer(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    stored_at = ma.fields.AwareDateTime(allow_none=True)


class UserCallOut(Schema):
    """UNKNOWN: the provider did not answer the click, and it is being found out whether it rings."""

    id = ma.fields.UUID()
    user_id = ma.fields.UUID()
    loan_id = ma.fields.UUID(allow_none=True)
    direction = ma.fields.String(metadata={"enum": [OUTBOUND, INBOUND]})
    partner_user_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "who called or took it, or else who has the customer"}
    )
    agent_name = ma.fields.String(allow_none=True)
    status = ma.fields.String(metadata={"enum": CALL.states})
    dialled_at = ma.fields.AwareDateTime(allow_none=True)
    answered_at = ma.fields.AwareDateTime(allow_none=True)
    ended_at = ma.fields.AwareDateTime(allow_none=True)
    duration_seconds = ma.fields.Integer(
        attribute="duration_s", allow_none=True, metadata={"description": "with ringing"}
    )
    talk_seconds = ma.fields.Integer(attribute="talk_s", allow_none=True)
    hangup_cause = ma.fields.String(allow_none=True)
    failure_reason = ma.fields.String(allow_none=True)
    recording = ma.fields.Nested(UserCallRecordingOut, allow_none=True)
    created_at = ma.fields.AwareDateTime()


class UserCallEventOut(Schema):
    id = ma.fields.UUID()
    kind = ma.fields.String(metadata={"enum": ["CONNECTED", "ENDED"]})
    source = ma.fields.String(metadata={"enum": ["WEBHOOK", "RECORD"]})
    told = ma.fields.Dict()
    fault = ma.fields.String(allow_none=True, metadata={"description": "why it does not count"})
    created_at = ma.fields.AwareDateTime()


class UserCallFullOut(UserCallOut):
    events = ma.fields.List(ma.fields.Nested(UserCallEventOut))


class UserCallStatsOut(Schema):
    """`answeredPercent` is of the calls that were answered, missed or busy; null without any."""

    total = ma.fields.Integer()
    outbound = ma.fields.Integer()
    inbound = ma.fields.Integer()
    answered = ma.fields.Integer()
    missed = ma.fields.Integer()
    busy = ma.fields.Integer()
    failed = ma.fields.Integer()
    going_on = ma.fields.Integer()
    customers = ma.fields.Integer()
    talk_seconds = ma.fields.Integer()
    average_talk_seconds = ma.fields.Integer(allow_none=True)
    answered_percent = ma.fields.Integer(allow_none=True)
    last_call_at = ma.fields.AwareDateTime(allow_none=True)


class UnknownCallOut(Schema):
    """A call to the brand from a number that none of its customers has."""

    id = ma.fields.UUID()
    provider_call_id = ma.fields.String(attribute="call_id")
    caller = ma.fields.String(metadata={"description": "masked"})
    status = ma.fields.String(metadata={"enum": ["ANSWERED", "MISSED"]})
    started_at = ma.fields.String(allow_none=True, metadata={"format": "date-time"})
    duration_seconds = ma.fields.Integer(attribute="duration_s", allow_none=True)
    created_at = ma.fields.AwareDateTime()


class DialerConfigOut(Schema):
    """`extension` is null for who cannot call."""

    is_enabled = ma.fields.Boolean()
    extension = ma.fields.String(allow_none=True)


class ExtensionIn(Schema):
    extension = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(r"^[0-9]{1,15}\Z"),
        metadata={
            "description": "an agent's id, extension or number at the provider",
            "example": "0602000000001",
        },
    )


class ExtensionOut(Schema):
    partner_user_id = ma.fields.UUID()
    name = ma.fields.String()
    extension = ma.fields.String()


class DialerAgentOut(Schema):
    """`agentId` is what an extension may be; null for who has no phone."""

    id = ma.fields.String()
    name = ma.fields.String()
    login_id = ma.fields.String()
    extension = ma.fields.String()
    agent_id = ma.fields.String(allow_none=True)
    is_available = ma.fields.Boolean()
