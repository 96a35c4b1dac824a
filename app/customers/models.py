"""The customer of one brand.

A phone may be a customer of several brands: those are separate records that know nothing of each other.
"""

from peewee import BooleanField, TextField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.crypto import EncryptedField, EncryptedJSONField
from app.core.database import TenantModel
from app.core.fields import EncryptedDateField, money_field


class Customer(TenantModel):
    """Personal data is encrypted (columns ending in _enc); of the Aadhaar only the last four digits are kept."""

    customer_no = TextField()
    phone = EncryptedField(column_name="phone_enc")
    phone_hash = TextField()
    email = EncryptedField(column_name="email_enc", null=True)
    email_hash = TextField(null=True)
    name = TextField(null=True)
    gender = TextField(null=True)
    dob = EncryptedDateField(column_name="dob_enc", null=True)
    pan = EncryptedField(column_name="pan_enc", null=True)
    pan_hash = TextField(null=True)
    aadhaar_last4 = TextField(null=True)
    aadhaar_hash = TextField(null=True)
    aadhaar_name = TextField(null=True)
    address = EncryptedJSONField(column_name="address_enc", null=True)
    declared_monthly_salary = money_field(null=True)
    salary_mode = TextField(null=True)
    employment_type = TextField(null=True)
    utm = BinaryJSONField(default=dict)
    is_active = BooleanField(default=True)
    is_blacklisted = BooleanField(default=False)
    registered_at = DateTimeTZField(null=True)
    erasure_notified_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)
