"""Consents to read bank accounts, what was collected under them, and what the statements said."""

from peewee import DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.crypto import EncryptedField
from app.core.database import TenantModel
from app.core.fields import money_field


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


class BankAccountStatement(TenantModel):
    """A statement that was sent as a file, in a state of `STATEMENT`.

    `s3_key` is the file, `content_key` what was read from it, `analyser_key` what the brand's analyser answered:
    objects in storage, encrypted. `password` is there until the file has been opened. `rows` are the rows that
    are to blame for the status. `report_id` is the analysis that it went into, with the loan's others. `read_by` is
    whose transactions count: `own`, or the analyser's where `own_status` says that our reader came to nothing. The
    data goes after `delete_after`.
    """

    customer_id = UUIDField()
    loan_id = UUIDField()
    status = TextField()
    stage = TextField(null=True)
    progress_percent = IntegerField(default=0)
    reason = TextField(null=True)
    rows = BinaryJSONField(default=list)
    warnings = BinaryJSONField(default=list)
    file_type = TextField()
    size_bytes = IntegerField()
    sha256 = TextField()
    s3_key = TextField()
    content_key = TextField(null=True)
    password = EncryptedField(column_name="password_enc", null=True)
    bank = TextField(null=True)
    account_number = TextField(null=True)
    ifsc = TextField(null=True)
    holder_name = EncryptedField(column_name="holder_name_enc", null=True)
    currency = TextField(null=True)
    period_from = DateField(null=True)
    period_to = DateField(null=True)
    transaction_count = IntegerField(null=True)
    opening_balance = money_field(null=True)
    closing_balance = money_field(null=True)
    report_id = UUIDField(null=True)
    read_by = TextField(default="own")
    own_status = TextField(null=True)
    delete_after = DateTimeTZField()
    analyser = TextField()
    analyser_asked_at = DateTimeTZField(null=True)
    analyser_reference = TextField(null=True)
    analyser_status = TextField(null=True)
    analyser_reason = TextField(null=True)
    analyser_key = TextField(null=True)
    figures = BinaryJSONField(null=True)
    differences = BinaryJSONField(null=True)

    class Meta:
        table_name = "bank_account_statement"
