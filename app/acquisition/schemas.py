"""Visits and affiliates over the wire."""

import marshmallow as ma

from app.acquisition.channels import CHANNELS
from app.acquisition.service import GROUPS
from app.core.http import Money, PageArgs, Schema

_TEXT = ma.validate.Length(max=200)
_CODE = ma.validate.Regexp(r"^[a-z0-9][a-z0-9_.-]{1,49}\Z", error="Small letters, digits, _ . and -.")
PAYOUT_MODELS = ["CPL", "CPA", "REV_SHARE"]


class Utm(Schema):
    source = ma.fields.String(validate=_TEXT)
    medium = ma.fields.String(validate=_TEXT)
    campaign = ma.fields.String(validate=_TEXT)
    term = ma.fields.String(validate=_TEXT)
    content = ma.fields.String(validate=_TEXT)


class ClickIn(Schema):
    utm = ma.fields.Nested(Utm, load_default=dict)
    ad_click_id = ma.fields.String(
        validate=ma.validate.Length(min=1, max=200),
        metadata={"description": "gclid, fbclid or an affiliate's"},
    )
    affiliate = ma.fields.String(validate=_TEXT, metadata={"description": "the code of an affiliate's link"})
    landing_page = ma.fields.Url(
        schemes={"https", "http"}, require_tld=False, validate=ma.validate.Length(max=500)
    )
    referrer = ma.fields.String(validate=ma.validate.Length(max=500))


class ClickOut(Schema):
    """The page keeps the id and sends it with the phone."""

    click_id = ma.fields.UUID(attribute="id")
    channel = ma.fields.String(metadata={"enum": list(CHANNELS)})


class TouchOut(ClickOut):
    touched_at = ma.fields.AwareDateTime()
    affiliate_id = ma.fields.UUID(allow_none=True)
    utm_source = ma.fields.String(allow_none=True)
    utm_medium = ma.fields.String(allow_none=True)
    utm_campaign = ma.fields.String(allow_none=True)
    utm_term = ma.fields.String(allow_none=True)
    utm_content = ma.fields.String(allow_none=True)
    ad_click_id = ma.fields.String(allow_none=True)
    platform = ma.fields.String(allow_none=True)
    domain = ma.fields.String(allow_none=True)
    landing_page = ma.fields.String(allow_none=True)
    referrer_host = ma.fields.String(allow_none=True)


class AttributionOut(Schema):
    """`last` is null when the last visit is too long ago to have brought anything about."""

    first = ma.fields.Nested(TouchOut, allow_none=True)
    last = ma.fields.Nested(TouchOut, allow_none=True)
    touches = ma.fields.List(ma.fields.Nested(TouchOut))


class SummaryArgs(Schema):
    from_date = ma.fields.Date(required=True)
    to_date = ma.fields.Date(required=True)
    group_by = ma.fields.String(load_default="channel", validate=ma.validate.OneOf(GROUPS))

    @ma.validates_schema
    def _in_order(self, data: dict, **_: object) -> None:
        if data["from_date"] > data["to_date"]:
            raise ma.ValidationError("Comes before fromDate.", "toDate")
        if (data["to_date"] - data["from_date"]).days > 366:
            raise ma.ValidationError("At most a year at a time.", "toDate")


class SummaryOut(Schema):
    key = ma.fields.String(allow_none=True)
    clicks = ma.fields.Integer()
    customers = ma.fields.Integer()


class AffiliateChangeIn(Schema):
    name = ma.fields.String(validate=ma.validate.Length(min=1, max=200))
    utm_source = ma.fields.String(allow_none=True, validate=_CODE)
    domain = ma.fields.String(allow_none=True, validate=_CODE)
    payout_model = ma.fields.String(validate=ma.validate.OneOf(PAYOUT_MODELS))
    payout_rate = Money(minimum=0)
    is_active = ma.fields.Boolean()


class AffiliateIn(AffiliateChangeIn):
    code = ma.fields.String(required=True, validate=_CODE)
    name = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))
    payout_model = ma.fields.String(required=True, validate=ma.validate.OneOf(PAYOUT_MODELS))
    payout_rate = Money(required=True, minimum=0)


class AffiliateOut(AffiliateIn):
    id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime()


class AffiliateArgs(PageArgs):
    search = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=100))
