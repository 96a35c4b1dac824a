"""The customer of one brand.

A phone may be a customer of several brands: those are separate records that know nothing of each other.
"""

from peewee import BooleanField, DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.crypto import EncryptedField, EncryptedJSONField
from app.core.database import TenantModel
from app.core.fields import EncryptedDateField, money_field
from app.core.lookups import LookupField, lowered
from app.core.names import NameHashField


class Customer(TenantModel):
    """Personal data is encrypted (columns ending in _enc); of the Aadhaar only the last four digits are kept.

    `address` is what the Aadhaar says, `current_address` and the employer what the customer says, and so are parents
    and spouse; an Aadhaar that names one of them fills what was not said. `identity_hash` is of last four digits, name
    and date of birth: it compares Aadhaars whose number nobody told us.
    """

    customer_no = TextField()
    phone = EncryptedField(column_name="phone_enc")
    phone_hash = LookupField("phone", "phone")
    email = EncryptedField(column_name="email_enc", null=True)
    email_hash = LookupField("email", "email", clean=lowered, null=True)
    name = EncryptedField(column_name="name_enc", null=True)
    name_hash = NameHashField()
    gender = TextField(null=True)
    dob = EncryptedDateField(column_name="dob_enc", null=True)
    pan = EncryptedField(column_name="pan_enc", null=True)
    pan_hash = LookupField("pan", "pan", null=True)
    aadhaar_last4 = TextField(null=True)
    aadhaar_hash = TextField(null=True)
    aadhaar_name = EncryptedField(column_name="aadhaar_name_enc", null=True)
    identity_hash = TextField(null=True)
    address = EncryptedJSONField(column_name="address_enc", null=True)
    city = TextField(null=True)
    current_address = EncryptedJSONField(column_name="current_address_enc", null=True)
    alternate_phone = EncryptedField(column_name="alternate_phone_enc", null=True)
    alternate_phone_confirmed_at = DateTimeTZField(null=True)
    declared_monthly_salary = money_field(null=True)
    salary_mode = TextField(null=True)
    employment_type = TextField(null=True)
    employer_name = EncryptedField(column_name="employer_name_enc", null=True)
    designation = TextField(null=True)
    office_email = EncryptedField(column_name="office_email_enc", null=True)
    salary_day = IntegerField(null=True)
    preferred_language = TextField(null=True)
    father_name = EncryptedField(column_name="father_name_enc", null=True)
    mother_name = EncryptedField(column_name="mother_name_enc", null=True)
    spouse_name = EncryptedField(column_name="spouse_name_enc", null=True)
    marital_status = TextField(null=True)
    permanent_residence = TextField(null=True)
    home_phone = EncryptedField(column_name="home_phone_enc", null=True)
    employer_address = EncryptedJSONField(column_name="employer_address_enc", null=True)
    office_phone = EncryptedField(column_name="office_phone_enc", null=True)
    office_extension = TextField(null=True)
    utm = BinaryJSONField(default=dict)
    device = TextField(null=True)
    is_active = BooleanField(default=True)
    is_blacklisted = BooleanField(default=False)
    registered_at = DateTimeTZField(null=True)
    erasure_notified_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)


class CustomerReference(TenantModel):
    """Somebody who knows the customer. They are asked who the customer is, and never about what is owed."""

    customer_id = UUIDField()
    name = EncryptedField(column_name="name_enc")
    relation = TextField()
    phone = EncryptedField(column_name="phone_enc")
    phone_hash = LookupField("phone", "phone")
    confirmed_at = DateTimeTZField(null=True)
    confirmed_by = TextField(null=True)


class IdentityPaper(TenantModel):
    """A paper that the customer may be known by, of a kind of `papers.KINDS`. Its number is the customer's word."""

    customer_id = UUIDField()
    kind = TextField()
    number = EncryptedField(column_name="number_enc")
    issued_on = DateField(null=True)
    expires_on = DateField(null=True)
