"""Staff over the wire."""

import marshmallow as ma

from app.core.http import Schema


class LoginIn(Schema):
    email = ma.fields.Email(required=True)
    password = ma.fields.String(required=True, load_only=True, validate=ma.validate.Length(min=1, max=200))
    device_fingerprint = ma.fields.String(load_default=None, validate=ma.validate.Length(max=200))


class BrandRoles(Schema):
    brand_id = ma.fields.String()
    roles = ma.fields.List(ma.fields.String())
    permissions = ma.fields.List(ma.fields.String())


class StaffOut(Schema):
    id = ma.fields.UUID()
    email = ma.fields.Email()
    name = ma.fields.String()
    brands = ma.fields.List(ma.fields.Nested(BrandRoles))


class LoginOut(Schema):
    access_token = ma.fields.String()
    user = ma.fields.Nested(StaffOut)
