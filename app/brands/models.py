"""The brand: its name, the settings that are not rules, and every version of them."""

from peewee import DateTimeField, IntegerField, Model, TextField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core import clock
from app.core.database import TenantModel, db


class Brand(Model):
    """One lending brand. Its id is also the name of its folder of rule files."""

    id = TextField(primary_key=True)
    name = TextField()
    settings = BinaryJSONField()
    settings_number = IntegerField(default=1)
    created_at = DateTimeField(default=clock.now)

    class Meta:
        database = db
        table_name = "brand"


class BrandSettingsVersion(TenantModel):
    """Settings as they were, are or will be; never changed.

    `changes`: [{"field", "before", "after"}], to those that were in force when it was made.
    """

    number = IntegerField()
    settings = BinaryJSONField()
    changes = BinaryJSONField()
    remark = TextField()
    made_by = TextField()
    effective_from = DateTimeTZField()
