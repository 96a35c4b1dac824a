"""What was checked of a customer, the bank accounts they named, and where they worked."""

from peewee import BooleanField, DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import BinaryJSONField, DateTimeTZField

from app.core.crypto import EncryptedField, EncryptedJSONField
from app.core.database import TenantModel
from app.core.lookups import LookupField


class KycCheck(TenantModel):
    """One attempt at one check, kept whether it succeeded or not.

    PENDING: not concluded (a code was sent, or the provider gave no answer). `result` is what the provider
    said, dates as ISO text; `reason` why there is none, without personal data. `provider` is who answered (or was
    asked last), `tried` whom was asked before. `superseded`: staff asked again, and the newer answer counts.
    """

    customer_id = UUIDField()
    kind = TextField()
    status = TextField()
    provider = TextField()
    result = EncryptedJSONField(column_name="result_enc", null=True)
    reason = TextField(null=True)
    erased_at = DateTimeTZField(null=True)
    consent_id = UUIDField(null=True)
    tried = BinaryJSONField(default=list)
    refresh_reason = TextField(null=True)
    superseded = BooleanField(default=False)


class UserBankAccount(TenantModel):
    """An account that a rupee was sent to. `verified`: its holder has the name that is on the PAN.

    `account_hash` is of IFSC and number, to compare accounts; `number_hash` of the number alone, to search by.
    `account_type` (ACCOUNT_TYPES) and `branch` are as the bank, a statement or an aggregator named them.
    """

    customer_id = UUIDField()
    account_number = EncryptedField(column_name="account_number_enc")
    account_hash = LookupField("account", "ifsc", "account_number")
    number_hash = LookupField("account_number", "account_number", null=True)
    account_last4 = TextField()
    ifsc = TextField()
    account_type = TextField(null=True)
    branch = TextField(null=True)
    holder_name = EncryptedField(column_name="holder_name_enc", null=True)
    name_match_percent = IntegerField(null=True)
    verified = BooleanField()
    erased_at = DateTimeTZField(null=True)


class UserVpa(TenantModel):
    """A UPI id (VPA) that somebody was asked about. `verified`: its bank has it under the name that is on the PAN."""

    customer_id = UUIDField()
    vpa = EncryptedField(column_name="vpa_enc")
    vpa_hash = LookupField("vpa", "vpa")
    holder_name = EncryptedField(column_name="holder_name_enc", null=True)
    name_match_percent = IntegerField(null=True)
    verified = BooleanField()
    erased_at = DateTimeTZField(null=True)

    class Meta:
        table_name = "user_vpa"


class Employment(TenantModel):
    """One stint at an employer, as EPFO has it; `exit_date` is empty while it lasts."""

    customer_id = UUIDField()
    uan = EncryptedField(column_name="uan_enc", null=True)
    employer_name = EncryptedField(column_name="employer_name_enc", null=True)
    joining_date = DateField(null=True)
    exit_date = DateField(null=True)
    is_current = BooleanField()
    erased_at = DateTimeTZField(null=True)
    superseded = BooleanField(default=False)


class AadhaarDigiLockerLog(TenantModel):
    """One visit to DigiLocker. `state_hash` is of the state that comes back once; `documents` are what was fetched
    there: kind, issuer and our document's id. `account` is the DigiLocker account, whose it is by its own words.
    `transaction_id`: of a visit that Digitap leads.
    """

    customer_id = UUIDField()
    check_id = UUIDField()
    status = TextField(default="STARTED")
    state_hash = TextField()
    code_verifier = EncryptedField(column_name="code_verifier_enc", null=True)
    transaction_id = TextField(null=True)
    account = EncryptedJSONField(column_name="account_enc", null=True)
    documents = BinaryJSONField(default=list)
    reason = TextField(null=True)
    finished_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)
