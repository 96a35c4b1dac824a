"""The credit appraisal memo."""

from peewee import IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from app.core.database import TenantModel


class CamCalculator(TenantModel):
    """One saved version, never changed.

    `inputs` as entered, `computed` as the CAM rule set worked them out (text decimals), `facts` what it read.
    """

    loan_id = UUIDField()
    customer_id = UUIDField()
    partner_user_id = UUIDField()
    version = IntegerField()
    inputs = BinaryJSONField()
    computed = BinaryJSONField()
    facts = BinaryJSONField(default=dict)
    ruleset_hash = TextField()
    remark = TextField(null=True)

    class Meta:
        table_name = "cam_calculator"
