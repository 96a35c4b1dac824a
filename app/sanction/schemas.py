"""Sanction decisions over the wire."""

import marshmallow as ma

from app.core.http import Schema

_REMARK = ma.validate.Length(min=1, max=500)


class RemarkIn(Schema):
    remark = ma.fields.String(required=True, validate=_REMARK)


class RejectIn(RemarkIn):
    reason_code = ma.fields.String(required=True, validate=ma.validate.Length(min=2, max=50))
