"""Leads, and the runs that read them from files and match them to customers."""

from peewee import BooleanField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.crypto import EncryptedField, EncryptedJSONField
from app.core.database import TenantModel
from app.core.lookups import LookupField, lowered
from app.core.names import NameHashField

QUEUED, RUNNING, READY, FAILED = "QUEUED", "RUNNING", "READY", "FAILED"
UPLOAD, SYNC = "UPLOAD", "SYNC"


class LeadRun(TenantModel):
    """One file that is read (UPLOAD) or one matching of leads to customers (SYNC), and how far it is.

    The file is in the document store under `file_key` until all of its rows are leads.
    """

    kind = TextField()
    status = TextField(default=QUEUED)
    file_name = TextField(null=True)
    file_key = TextField(null=True)
    encoding = TextField(null=True)
    delimiter = TextField(null=True)
    selection = BinaryJSONField(default=dict)
    rows_total = IntegerField()
    rows_done = IntegerField(default=0)
    pending_count = IntegerField(default=0)
    processed_count = IntegerField(default=0)
    failed_count = IntegerField(default=0)
    duplicate_count = IntegerField(default=0)
    last_lead_id = UUIDField(null=True)
    reason = TextField(null=True)
    requested_by = TextField()
    finished_at = DateTimeTZField(null=True)


class LeadForm(TenantModel):
    """One row of a file: who answered which form of which advertisement.

    A row that could not be read is a FAILED lead without hashes: kept and told of, matched with nothing.
    """

    run_id = UUIDField()
    line_no = IntegerField()
    status = TextField()
    message = TextField(null=True)
    name = EncryptedField(column_name="name_enc", null=True)
    name_hash = NameHashField()
    phone = EncryptedField(column_name="phone_enc", null=True)
    phone_hash = LookupField("phone", "phone", null=True)
    email = EncryptedField(column_name="email_enc", null=True)
    email_hash = LookupField("email", "email", clean=lowered, null=True)
    city = TextField(null=True)
    responses = EncryptedJSONField(column_name="responses_enc", null=True)
    external_id = TextField(null=True)
    submitted_at = DateTimeTZField(null=True)
    platform = TextField(null=True)
    is_organic = BooleanField(default=False)
    campaign_id = TextField(null=True)
    campaign_name = TextField(null=True)
    adset_id = TextField(null=True)
    adset_name = TextField(null=True)
    ad_id = TextField(null=True)
    ad_name = TextField(null=True)
    form_id = TextField(null=True)
    form_name = TextField(null=True)
    duplicate_of_id = UUIDField(null=True)
    customer_id = UUIDField(null=True)
    processed_at = DateTimeTZField(null=True)
