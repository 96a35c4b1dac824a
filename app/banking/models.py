"""Consents to read bank accounts, and what the statements said."""

from peewee import DateField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField

from app.core.crypto import EncryptedField
from app.core.database import TenantModel


class AAConsentRequest(TenantModel):
    """One request to a customer through an Account Aggregator, for the days `data_from` to `data_to`.

    `consent_handle` names the request, `consent_id` the consent once it is given, `session_id` the latest
    collection of data under it. `key_material` opens that data, and is forgotten once it is open.
    """

    customer_id = UUIDField()
    loan_id = UUIDField()
    provider = TextField()
    status = TextField()
    txn_id = TextField()
    consent_handle = TextField()
    consent_id = TextField(null=True)
    session_id = TextField(null=True)
    redirect_url = TextField()
    key_material = EncryptedField(column_name="key_material_enc", null=True)
    data_from = DateField()
    data_to = DateField()

    class Meta:
        table_name = "aa_consent_request"


class BdaReport(TenantModel):
    """The analysis of one collection of bank data: PROCESSING, READY, or FAILED with the `reason`.

    `raw_key` and `report_key` are objects in storage, encrypted. In `features` and `cam_prefill` money is
    text and dates are ISO text; `lineage` names the transactions behind each feature.
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
