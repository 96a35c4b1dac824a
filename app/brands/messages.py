"""A brand's policy for its messages: who stands in for a provider, how often is tried, and at which hours."""

from datetime import time
from typing import Any

import marshmallow as ma

from app.core.http import Schema
from app.messaging.kinds import CHANNELS, TIMED
from app.messaging.policy import IN_APP, RECIPIENTS, Rule, faults

# channel -> who can serve it, and so stand in for the chosen one
SENDERS = {"sms": ["msg91", "gupshup"], "whatsapp": ["aisensy", "gupshup_whatsapp"], "email": ["sendgrid"]}


def _names(known: tuple[str, ...], **options: Any) -> ma.fields.List:
    return ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(known)), validate=ma.validate.Length(min=1), **options
    )


class Hours(Schema):
    """Messages of these kinds on these channels leave from `from` until `until` in India, and wait otherwise."""

    kinds = _names(TIMED, required=True)
    channels = _names(CHANNELS, load_default=lambda: list(CHANNELS))
    opens = ma.fields.Time(format="%H:%M", required=True, data_key="from")
    closes = ma.fields.Time(format="%H:%M", required=True, data_key="until")

    @ma.validates_schema
    def _opens_before_it_closes(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data["opens"] >= data["closes"]:
            raise ma.ValidationError({"until": ["Must be later than from."]})


StandIns = Schema.from_dict(
    {
        channel: ma.fields.List(
            ma.fields.String(validate=ma.validate.OneOf(names)),
            load_default=list,
            validate=ma.validate.Length(max=len(names)),
        )
        for channel, names in SENDERS.items()
    },
    name="StandIns",
)


class Told(Schema):
    """Who is told of an event, and on which channels. `instead`: where one of them did not reach a customer, once on
    this other."""

    to = ma.fields.String(required=True, validate=ma.validate.OneOf(RECIPIENTS))
    channels = _names((*CHANNELS, IN_APP), required=True)
    instead = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf(CHANNELS)),
        values=ma.fields.String(validate=ma.validate.OneOf(CHANNELS)),
        load_default=dict,
        metadata={"example": {"WHATSAPP": "SMS"}},
    )


# when somebody may be reached about what they owe at all is a rule of `app.contacts`
_DEFAULT_HOURS = (
    {"kinds": ["PROMOTION"], "from": "10:00", "until": "19:00"},
    {"kinds": ["DUES", "PROMOTION"], "channels": ["WHATSAPP"], "from": "10:00", "until": "20:00"},
)


class MessagePolicy(Schema):
    """`standIns` are tried in this order when the chosen provider of a channel surely did not take a message. After
    `attemptsMax` rounds it is a dead letter. A message leaves when all of `hours` that are about it are open. Templates
    are tried out on `testPhones`."""

    stand_ins = ma.fields.Nested(StandIns, load_default=lambda: StandIns().load({}))
    attempts_max = ma.fields.Integer(load_default=3, validate=ma.validate.Range(min=1, max=10))
    policy = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.Nested(Told), validate=ma.validate.Length(max=20)),
        load_default=dict,
        metadata={"description": "by event, who is told instead of those whom the platform's table names"},
    )
    test_phones = ma.fields.List(
        ma.fields.String(validate=ma.validate.Regexp(r"^[6-9][0-9]{9}\Z", error="Ten digits.")),
        load_default=list,
        validate=ma.validate.Length(max=10),
    )
    hours = ma.fields.List(
        ma.fields.Nested(Hours),
        load_default=lambda: Hours(many=True).load(list(_DEFAULT_HOURS)),
        validate=ma.validate.Length(max=20),
    )

    @ma.validates_schema
    def _can_be_told(self, data: dict[str, Any], **kwargs: Any) -> None:
        policy = data["policy"]
        rules = {
            event: [Rule(t["to"], tuple(t["channels"]), t["instead"]) for t in told]
            for event, told in policy.items()
        }
        found = {event: list(faults(event, rules[event])) for event in rules}
        if any(found.values()):
            raise ma.ValidationError({"policy": {event: told for event, told in found.items() if told}})

    @ma.validates_schema
    def _leave_time(self, data: dict[str, Any], **kwargs: Any) -> None:
        for kind in TIMED:
            for channel in CHANNELS:
                if closed_all_day(data["hours"], kind, channel):
                    raise ma.ValidationError({"hours": [f"{kind} on {channel} could never leave."]})


def about(hours: list[dict[str, Any]], kind: str, channel: str) -> list[dict[str, Any]]:
    """The hours that a message has to keep."""
    return [rule for rule in hours if kind in rule["kinds"] and channel in rule["channels"]]


def closed_all_day(hours: list[dict[str, Any]], kind: str, channel: str) -> bool:
    """Whether the hours leave no time at all."""
    rules = about(hours, kind, channel)
    opens = max((rule["opens"] for rule in rules), default=time.min)
    return bool(rules) and opens >= min(rule["closes"] for rule in rules)
