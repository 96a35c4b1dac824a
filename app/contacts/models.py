"""Who was contacted when about a debt, and who is not to be."""

from peewee import DateField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.database import TenantModel


class ContactAttempt(TenantModel):
    """Somebody tried, whatever came of it. Never changed. `broke` names the rule that a contact told of later broke."""

    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    channel = TextField()
    made_at = DateTimeTZField()
    made_by = TextField()
    broke = TextField(null=True)


class NoContact(TenantModel):
    """A customer is not to be contacted on `channels` from a day on, for good where `until_date` is None."""

    customer_id = UUIDField()
    channels = BinaryJSONField()
    reason = TextField()
    remark = TextField()
    from_date = DateField()
    until_date = DateField(null=True)
    made_by = TextField()
    ended_at = DateTimeTZField(null=True)
    ended_by = TextField(null=True)
    erased_at = DateTimeTZField(null=True)
