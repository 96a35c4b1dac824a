"""Credit bureau reports, as they were pulled."""

from peewee import DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel


class BureauReport(TenantModel):
    """One pull, never changed. The answer itself is in storage under `raw_key`, encrypted.

    READ, or UNREADABLE with the `reason`: then nothing in it is known, and the answer is still there. `outcome` tells
    a score from a thin file and from no file. In `features` and `summary` money is text; `lineage` names the report's
    fields behind each feature. `repull_remark` says why it was bought although there was a recent one.
    """

    customer_id = UUIDField()
    loan_id = UUIDField()
    bureau = TextField()
    status = TextField()
    reason = TextField(null=True)
    outcome = TextField(null=True)
    raw_key = TextField()
    score = IntegerField(null=True)
    pulled_on = DateField(null=True)
    control_number = TextField(null=True)
    features = BinaryJSONField(default=dict)
    lineage = BinaryJSONField(default=dict)
    summary = BinaryJSONField(default=dict)
    consent_id = UUIDField()
    repull_remark = TextField(null=True)
    erased_at = DateTimeTZField(null=True)
