"""Reports that are mailed, over the wire: to whom, when, and what became of it."""

from typing import Any

import marshmallow as ma

from app.core.http import Schema
from app.reporting.cadence import DAYS, NEEDS, WEEKDAYS
from app.reporting.recipients import RECIPIENTS_MAX
from app.reporting.schemas import FORMAT, GROUP, NAME, Options, RunOut, chosen
from reports import OPTIONS

_HOUR = "of the day in India: 7 is seven in the morning"


def _weekday(**more: Any) -> ma.fields.String:
    return ma.fields.String(allow_none=True, metadata={"enum": list(WEEKDAYS)}, **more)


class ReportRecipientOut(Schema):
    """Somebody whom reports may be mailed to."""

    partner_user_id = ma.fields.UUID()
    name = ma.fields.String()


class ScheduleRecipientOut(ReportRecipientOut):
    reads = ma.fields.Boolean(
        metadata={"description": "whether they run reports here now; else they are skipped"}
    )


class Recipients(Schema):
    recipient_ids = ma.fields.List(
        ma.fields.UUID(),
        attribute="recipients",
        load_default=None,
        allow_none=True,
        validate=ma.validate.Length(min=1, max=RECIPIENTS_MAX),
        metadata={"description": "of the staff who run reports here; whoever asks if nobody is named"},
    )


class ReportMailArgs(Options, Recipients):
    from_date = ma.fields.Date(required=True, metadata={"description": "first day in India, YYYY-MM-DD"})
    to_date = ma.fields.Date(required=True, metadata={"description": "last day in India, included"})
    group_by = ma.fields.String(load_default=None, metadata=GROUP)
    refresh = ma.fields.Boolean(load_default=False, metadata={"description": "produce it anew"})
    format = ma.fields.String(load_default="xlsx", validate=FORMAT, metadata={"example": "xlsx"})


class MailOut(Schema):
    """`sentAt` is empty until the run is over; `skipped` says why somebody gets none."""

    id = ma.fields.UUID()
    partner_user_id = ma.fields.UUID()
    sent_at = ma.fields.AwareDateTime(allow_none=True)
    skipped = ma.fields.String(allow_none=True)


class ReportMailOut(Schema):
    run = ma.fields.Nested(RunOut)
    mails = ma.fields.List(ma.fields.Nested(MailOut))


class ReportScheduleArgs(Options, Recipients):
    """WEEKLY needs a `weekday`, MONTHLY a `monthDay`: a day that a month does not have is its last."""

    report_type = ma.fields.String(required=True, metadata=NAME)
    format = ma.fields.String(load_default="xlsx", validate=FORMAT, metadata={"example": "xlsx"})
    days = ma.fields.String(load_default="YESTERDAY", validate=ma.validate.OneOf(list(DAYS)))
    group_by = ma.fields.String(load_default=None, allow_none=True, metadata=GROUP)
    cadence = ma.fields.String(load_default="DAILY", validate=ma.validate.OneOf(list(NEEDS)))
    weekday = _weekday(load_default=None, validate=ma.validate.OneOf(WEEKDAYS))
    month_day = ma.fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=ma.validate.Range(min=1, max=31)
    )
    hour = ma.fields.Integer(
        load_default=7,
        strict=True,
        validate=ma.validate.Range(min=0, max=23),
        metadata={"description": _HOUR},
    )

    @ma.post_load
    def _gather(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """What the report lets choose, in one place."""
        options = {name: data.pop(name) for name in OPTIONS if name in data}
        return data | {"options": options} if options else data


class ReportScheduleChange(ReportScheduleArgs):
    """What changes; the rest stays. `paused` rests it, and lets it go on from its next hour."""

    class Meta:
        exclude = ("report_type",)

    paused = ma.fields.Boolean()


class LastMailOut(MailOut):
    name = ma.fields.String()


class LastOut(Schema):
    """What became of it the last time: `run` is empty where nobody was left to be mailed."""

    day = ma.fields.Date(attribute="last_day", metadata={"description": "on which it was due"})
    run = ma.fields.Nested(RunOut, attribute="last_run", allow_none=True)
    mails = ma.fields.List(ma.fields.Nested(LastMailOut), attribute="last_mails")


class ReportScheduleOut(Schema):
    """`nextAt` is empty while it rests. `standing`: of the brand's settings, and changed there. `partnerUserId`: who
    made it."""

    id = ma.fields.UUID()
    report_type = ma.fields.String()
    format = ma.fields.String()
    days = ma.fields.String(metadata={"enum": list(DAYS)})
    group_by = ma.fields.String(allow_none=True)
    options = ma.fields.Function(chosen, metadata={"type": "object"})
    cadence = ma.fields.String(metadata={"enum": list(NEEDS)})
    weekday = _weekday()
    month_day = ma.fields.Integer(allow_none=True)
    hour = ma.fields.Integer(metadata={"description": _HOUR})
    recipients = ma.fields.List(ma.fields.Nested(ScheduleRecipientOut), attribute="people")
    standing = ma.fields.Boolean(attribute="is_standing")
    paused = ma.fields.Function(lambda one: one.next_at is None, metadata={"type": "boolean"})
    next_at = ma.fields.AwareDateTime(allow_none=True)
    last = ma.fields.Function(
        lambda one: LastOut().dump(one) if one.last_day else None,
        metadata={"type": "object", "nullable": True},
    )
    partner_user_id = ma.fields.UUID(allow_none=True)
    created_at = ma.fields.AwareDateTime()
