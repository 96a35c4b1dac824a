"""The staff of a brand over the wire."""

import marshmallow as ma

from app.core.http import PageArgs, Schema
from app.core.identity import STAFF_ROLES
from app.customers.places import STATES, states_of
from app.staff.ratings import ALL, SCORE_MAX, SCORE_MIN, Criterion
from app.staff.work import BUCKETS, LANGUAGES, TICKET_CLASSES

_ROLE = ma.validate.OneOf([role.value for role in STAFF_ROLES])
_NAME = ma.validate.Length(min=2, max=100)
_EMAIL = ma.validate.Length(max=200)
_PINCODE = ma.validate.Regexp(r"^[1-9][0-9]{5}$", error="Six digits, the first not 0.")
_REASON = ma.validate.Length(min=3, max=500)


def _roles(least: int) -> ma.fields.List:
    known = ma.fields.String(validate=_ROLE)
    return ma.fields.List(known, required=True, validate=ma.validate.Length(min=least, max=len(STAFF_ROLES)))


class StaffArgs(PageArgs):
    """`search` looks in names and e-mails."""

    search = ma.fields.String(load_default=None, validate=ma.validate.Length(max=100))
    role = ma.fields.String(load_default=None, validate=_ROLE)
    active = ma.fields.Boolean(load_default=None)


class InviteIn(Schema):
    email = ma.fields.Email(required=True, validate=_EMAIL)
    name = ma.fields.String(required=True, validate=_NAME)
    roles = _roles(1)
    pincode = ma.fields.String(load_default=None, validate=_PINCODE)


def _some_of(known: tuple[str, ...], meaning: str) -> ma.fields.List:
    one = ma.fields.String(validate=ma.validate.OneOf(known))
    told = {"description": f"{meaning}; none: it does not matter"}
    return ma.fields.List(one, load_default=list, validate=ma.validate.Length(max=len(known)), metadata=told)


class WorkIn(Schema):
    """What somebody is given in a role. Without a capacity that of the brand's policy holds; 0 is no new work."""

    role = ma.fields.String(required=True, validate=_ROLE)
    capacity = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(min=0, max=100_000)
    )
    buckets = _some_of(BUCKETS, "days past due")
    ticket_classes = _some_of(TICKET_CLASSES, "size of loans")
    reports_to = ma.fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "their manager: of the same brand's staff"},
    )


class EditStaffIn(Schema):
    """`pincode`, `city` and `state` are where they start from in the morning, `languages` what they speak."""

    email = ma.fields.Email(validate=_EMAIL)
    name = ma.fields.String(validate=_NAME)
    pincode = ma.fields.String(allow_none=True, validate=_PINCODE)
    city = ma.fields.String(allow_none=True, validate=_NAME)
    state = ma.fields.String(allow_none=True, validate=ma.validate.OneOf(STATES))
    languages = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(LANGUAGES)),
        validate=ma.validate.Length(max=len(LANGUAGES)),
    )
    work = ma.fields.List(ma.fields.Nested(WorkIn), validate=ma.validate.Length(max=len(STAFF_ROLES)))

    @ma.validates_schema
    def _pincode_lies_in_the_state(self, data: dict, **_: object) -> None:
        pincode, state = data.get("pincode"), data.get("state")
        if pincode and state and state not in states_of(pincode):
            raise ma.ValidationError("The pincode is not in this state.", "state")

    @ma.post_load
    def _lower(self, data: dict, **_: object) -> dict:
        return data | ({"email": data["email"].lower()} if "email" in data else {})


class RolesIn(Schema):
    """All roles in this brand from now on; an empty list takes the brand away."""

    roles = _roles(0)


class RolesOut(Schema):
    roles = ma.fields.List(ma.fields.String())


class ReasonIn(Schema):
    reason = ma.fields.String(required=True, validate=_REASON)


class WorkOut(Schema):
    role = ma.fields.String()
    capacity = ma.fields.Integer(allow_none=True)
    buckets = ma.fields.List(ma.fields.String())
    ticket_classes = ma.fields.List(ma.fields.String())
    reports_to = ma.fields.UUID(allow_none=True)


class MemberOut(Schema):
    id = ma.fields.UUID()
    email = ma.fields.Email()
    name = ma.fields.String()
    pincode = ma.fields.String(allow_none=True)
    city = ma.fields.String(allow_none=True)
    state = ma.fields.String(allow_none=True)
    languages = ma.fields.List(ma.fields.String())
    work = ma.fields.List(ma.fields.Nested(WorkOut))
    is_active = ma.fields.Boolean()
    second_factor_since = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()
    roles = ma.fields.List(ma.fields.String())


class LoginEventOut(Schema):
    created_at = ma.fields.AwareDateTime()
    event = ma.fields.String()
    success = ma.fields.Boolean()
    ip = ma.fields.String(allow_none=True)
    user_agent = ma.fields.String(allow_none=True)


class LeaveRange(Schema):
    from_date = ma.fields.Date(required=True)
    to_date = ma.fields.Date(required=True)


class LeaveIn(LeaveRange):
    reason = ma.fields.String(load_default=None, validate=ma.validate.Length(max=200))


class LeaveOut(LeaveRange):
    reason = ma.fields.String(allow_none=True)


class RateIn(Schema):
    month = ma.fields.Date(required=True, metadata={"description": "any day of the month"})
    scores = ma.fields.Dict(
        required=True,
        keys=ma.fields.String(validate=ma.validate.OneOf([criterion.value for criterion in Criterion])),
        values=ma.fields.Integer(strict=True, validate=ma.validate.Range(min=SCORE_MIN, max=SCORE_MAX)),
        validate=ma.validate.Length(min=1),
        metadata={"example": {Criterion.CONDUCT.value: 4}},
    )
    remark = ma.fields.String(load_default=None, validate=ma.validate.Length(max=500))
    bucket = ma.fields.String(load_default=ALL, validate=ma.validate.OneOf([ALL, *BUCKETS]))
    ticket_class = ma.fields.String(load_default=ALL, validate=ma.validate.OneOf([ALL, *TICKET_CLASSES]))


class RatingOut(Schema):
    id = ma.fields.UUID()
    month = ma.fields.Date(attribute="period_month")
    rated_by = ma.fields.UUID()
    bucket = ma.fields.String()
    ticket_class = ma.fields.String()
    scores = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    average = ma.fields.Decimal(places=2, as_string=True)
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()
