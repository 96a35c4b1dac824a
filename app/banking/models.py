"""Consents to read bank accounts, what was collected under them, and what the statements said."""

from peewee import DateField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.crypto import EncryptedField
from app.core.database import TenantModel


class AAConsentRequest(TenantModel):
    """One request to a customer through an Account Aggregator, for the days `data_from` to `data_to`.

    `consent_handle` names the request, `consent_id` the consent once it is given, until `consent_expires_at`.
    `template` names the terms (app.providers.aa.TERMS), `terms` keeps them as they were asked for.
    """

    customer_id = UUIDField()
    loan_id = UUIDField()
    provider = TextField()
    status = TextField()
    template = TextField()
    terms = BinaryJSONField()
    txn_id = TextField()
    consent_handle = TextField()
    consent_id = TextField(null=True)
    consent_expires_at = DateTimeTZField(null=True)
    redirect_url = TextField()
    data_from = DateField()
    data_to = DateField()

    class Meta:
        table_name = "aa_consent_request"


class AASession(TenantModel):
    """One collection of data under a consent.

    `accounts` are those asked for: fip_id, fi_type, link_ref_number, masked_account_number, status (PENDING, or what
    the aggregator says, DELIVERED, MISSING) and, where it is missing, the reason. `key_material` opens the data, and
    is forgotten once it is open.
    """

    consent_request_id = UUIDField()
    session_id = TextField()
    status = TextField()
    key_material = EncryptedField(column_name="key_material_enc", null=True)
    accounts = BinaryJSONField(default=list)

    class Meta:
        table_name = "aa_session"


class BdaReport(TenantModel):
    """The analysis of one collection of bank data: PROCESSING, READY, FAILED with the `reason`, or DELETED.

    `raw_key` and `report_key` are objects in storage, encrypted. In `features` and `cam_prefill` money is
    text and dates are ISO text; `lineage` names the transactions behind each feature. `missing` are the accounts of
    the session that did not come. After `delete_after` the data may not be kept.
    """

    customer_id = UUIDField()
    loan_id = UUIDField()
    source = TextField()
    status = TextField()
    raw_key = TextField()
    report_key = TextField(null=True)
    features = BinaryJSONField(null=True)
    lineage = BinaryJSONField(null=True)
    cam_prefill = BinaryJSONField(null=True)
    reason = TextField(null=True)
    aa_session_id = UUIDField(null=True)
    missing = BinaryJSONField(null=True)
    delete_after = DateTimeTZField(null=True)
