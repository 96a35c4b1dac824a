"""A report that somebody asked for, and who is told of it."""

from peewee import BooleanField, DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

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
    """A report that somebody is mailed every day from this `hour` of India on, of the days that `days` names."""

    report_type = TextField()
    format = TextField()
    days = TextField()
    hour = IntegerField(default=7)
    partner_user_id = UUIDField()


class ReportMail(TenantModel):
    """Somebody is mailed a link to a file of a run once it is over. Of a schedule one a day."""

    run_id = UUIDField()
    partner_user_id = UUIDField()
    format = TextField()
    schedule_id = UUIDField(null=True)
    day = DateField(null=True)
    sent_at = DateTimeTZField(null=True)
