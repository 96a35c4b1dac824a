"""Credit bureau reports, as they were pulled."""

from peewee import IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from app.core.database import TenantModel


class BureauReport(TenantModel):
    """One pull, never changed. The answer itself is in storage under `raw_key`, encrypted.

    In `features` money is text; `lineage` names the report's fields behind each. Both are empty for an answer
    that could not be read: what it says is unknown then, and the answer is still there.
    """

    customer_id = UUIDField()
    loan_id = UUIDField()
    bureau = TextField()
    raw_key = TextField()
    score = IntegerField(null=True)
    features = BinaryJSONField()
    lineage = BinaryJSONField()
    consent_id = UUIDField()
