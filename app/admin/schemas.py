"""The platform above the brands, over the wire."""

import marshmallow as ma

from app.brands.schemas import BrandSettings
from app.core.http import PageArgs, Schema

SCOPE_MINUTES_MAX = 480

_name = ma.validate.Length(min=1, max=100)


class FirstAdministrator(Schema):
    """Who runs the brand at first, and sets a password by the link in a mail. Staff of another brand gain the role."""

    email = ma.fields.Email(required=True, validate=ma.validate.Length(max=200))
    name = ma.fields.String(required=True, validate=_name)


class NewBrandIn(Schema):
    id = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(r"^[a-z][a-z0-9]{1,30}\Z"),
        metadata={"description": "for ever: in paths, tokens and the name of the folder of rule files"},
    )
    name = ma.fields.String(required=True, validate=_name)
    settings = ma.fields.Nested(BrandSettings, required=True)
    administrator = ma.fields.Nested(FirstAdministrator, required=True)


class BrandArgs(PageArgs):
    search = ma.fields.String(
        load_default=None, metadata={"description": "part of the id or the name"}, validate=_name
    )


class BrandRow(Schema):
    """A brand in numbers. `jobs_overdue` and `jobs_dead` are 0 in a brand that is well."""

    id = ma.fields.String()
    name = ma.fields.String()
    settings_version = ma.fields.Integer()
    created_at = ma.fields.DateTime()
    staff = ma.fields.Integer()
    customers = ma.fields.Integer()
    loans = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    jobs_overdue = ma.fields.Integer()
    jobs_dead = ma.fields.Integer()
    open_scopes = ma.fields.Integer()


class RulesetHealth(Schema):
    ruleset = ma.fields.String()
    usable = ma.fields.Boolean()
    hash = ma.fields.String(allow_none=True)


class BrandHealth(BrandRow):
    rules = ma.fields.List(ma.fields.Nested(RulesetHealth))


class ScopeIn(Schema):
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=10, max=500))
    minutes = ma.fields.Integer(load_default=60, validate=ma.validate.Range(min=5, max=SCOPE_MINUTES_MAX))


class ScopeOut(Schema):
    id = ma.fields.UUID()
    brand_id = ma.fields.String()
    reason = ma.fields.String()
    expires_at = ma.fields.DateTime()
