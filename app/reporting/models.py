"""A report that somebody asked for, and who is told of it."""

from peewee import BooleanField, DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import ArrayField, BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel

QUEUED, RUNNING, READY = "QUEUED", "RUNNING", "READY"
FAILED, CANCELLED, EXPIRED = "FAILED", "CANCELLED", "EXPIRED"
ON_ITS_WAY = (QUEUED, RUNNING)
STATUSES = (QUEUED, RUNNING, READY, FAILED, CANCELLED, EXPIRED)


class ReportRun(TenantModel):
    """One production of one report. Its files lie encrypted under the prefix `file_key` once it is READY.

    `options`: what was chosen that does not hold anyway, by the name of the report's option.
    `files`: by format whether it is there, or still made. `fingerprint`: of what had been written to the tables of its
    sources just before its snapshot.
    """

    report_type = TextField()
    from_date = DateField()
    to_date = DateField()
    unmasked = BooleanField(default=False)
    group_by = TextField(null=True)
    options = BinaryJSONField(default=dict)
    status = TextField(default=QUEUED)
    stage = TextField(null=True)
    progress_percent = IntegerField(default=0)
    rows_done = IntegerField(default=0)
    row_count = IntegerField(null=True)
    totals = BinaryJSONField(null=True)
    as_of = DateTimeTZField(null=True)
    file_key = TextField(null=True)
    files = BinaryJSONField(null=True)
    fingerprint = TextField(null=True)
    reason = TextField(null=True)
    requested_by = TextField()
    erased_at = DateTimeTZField(null=True)


class ReportSchedule(TenantModel):
    """A report that some of the staff are mailed at an `hour` of India, every day, or on the `weekday` or `month_day`
    that its `cadence` asks for, of the days that `days` names.

    `next_at`: when it is due; null while it rests. `last_day`: on which it was due last. `partner_user_id`: who made
    it; null for the one that every brand has by its settings (`is_standing`), whose recipients are said there.
    """

    report_type = TextField()
    format = TextField()
    days = TextField()
    group_by = TextField(null=True)
    options = BinaryJSONField(default=dict)
    cadence = TextField(default="DAILY")
    weekday = TextField(null=True)
    month_day = IntegerField(null=True)
    hour = IntegerField(default=7)
    recipients = ArrayField(UUIDField, index=False, default=list)
    partner_user_id = UUIDField(null=True)
    is_standing = BooleanField(default=False)
    next_at = DateTimeTZField(null=True)
    last_day = DateField(null=True)


class ReportMail(TenantModel):
    """Somebody is mailed a link to a file of a run once it is over, or `skipped`, and why. Of a schedule one a day."""

    run_id = UUIDField(null=True)
    partner_user_id = UUIDField()
    format = TextField()
    schedule_id = UUIDField(null=True)
    day = DateField(null=True)
    sent_at = DateTimeTZField(null=True)
    skipped = TextField(null=True)
