"""What reports a brand has mailed to those who lead it, without anybody's asking."""

import marshmallow as ma

from app.core.http import Schema
from app.staff.permissions import GRANTS, Permission

_ROLES = sorted(role.value for role in GRANTS[Permission.REPORTS_RUN])


class DailyMis(Schema):
    """The daily MIS (`daily-marketing-mis-report`) of yesterday is mailed at `hour` of India to whoever works in one of
    `roles`; without roles to nobody."""

    roles = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(_ROLES)),
        load_default=lambda: ["ADMIN"],
        validate=ma.validate.Length(max=len(_ROLES)),
    )
    hour = ma.fields.Integer(load_default=7, validate=ma.validate.Range(min=0, max=23))


class ReportPolicy(Schema):
    daily_mis = ma.fields.Nested(DailyMis, load_default=lambda: DailyMis().load({}))
