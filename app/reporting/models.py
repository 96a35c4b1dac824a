"""A report that somebody asked for."""

from peewee import BooleanField, DateField, IntegerField, TextField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel

QUEUED, RUNNING, READY, FAILED = "QUEUED", "RUNNING", "READY", "FAILED"


class ReportRun(TenantModel):
    """One production of one report. Its files lie under the prefix `file_key` once it is READY."""

    report_type = TextField()
    from_date = DateField()
    to_date = DateField()
    unmasked = BooleanField(default=False)
    status = TextField(default=QUEUED)
    stage = TextField(null=True)
    progress_percent = IntegerField(default=0)
    row_count = IntegerField(null=True)
    totals = BinaryJSONField(null=True)
    as_of = DateTimeTZField(null=True)
    file_key = TextField(null=True)
    reason = TextField(null=True)
    requested_by = TextField()
    erased_at = DateTimeTZField(null=True)
