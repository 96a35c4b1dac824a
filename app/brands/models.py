"""The brand: its name, and the settings that are not rules."""

from peewee import DateTimeField, Model, TextField
from playhouse.postgres_ext import BinaryJSONField

from app.core import clock
from app.core.database import db


class Brand(Model):
    """One lending brand. Its id is also the name of its folder of rule files."""

    id = TextField(primary_key=True)
    name = TextField()
    settings = BinaryJSONField()
    created_at = DateTimeField(default=clock.now)

    class Meta:
        database = db
        table_name = "brand"
