"""What somebody of the staff wants to see again."""

from peewee import BooleanField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from app.core.crypto import EncryptedJSONField
from app.core.database import TenantModel


class SavedView(TenantModel):
    """A stage as its owner wants to see it. `filters` and `columns` are as they come over the wire."""

    owner_id = UUIDField()
    name = TextField()
    stage = TextField()
    filters = EncryptedJSONField(column_name="filters_enc", default=dict)
    sort = TextField(null=True)
    columns = BinaryJSONField(default=list)
    is_shared = BooleanField(default=False)


class DefaultView(TenantModel):
    """The view that somebody starts a stage with; one a person and stage."""

    partner_user_id = UUIDField()
    stage = TextField()
    view_id = UUIDField()
