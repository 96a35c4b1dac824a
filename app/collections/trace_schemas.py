"""Skip tracing over the wire: masked but for who asks with a reason."""

import marshmallow as ma

from app.collections.traces import RIGHT, UNVERIFIED, WRONG
from app.core.http import PageArgs, Schema
from app.kyc import validators

KINDS = {
    "PHONE": validators.PHONE,
    "EMAIL": ma.validate.Email(),
    "ADDRESS": ma.validate.Length(min=10),
    "EMPLOYER": ma.validate.Length(min=3),
}
SOURCES = ["BUREAU", "REFERENCE", "NEIGHBOUR", "EMPLOYER", "SOCIAL_MEDIA", "PUBLIC_RECORD", "CUSTOMER"]
STATUSES = [UNVERIFIED, RIGHT, WRONG]


def _filter(values: list[str]) -> ma.fields.String:
    return ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.OneOf(values))


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
    kind = _filter(list(KINDS))
    status = _filter(STATUSES)


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
