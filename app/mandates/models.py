"""Leave to debit a customer's account, and loans that do without."""

from peewee import DateField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.crypto import EncryptedField
from app.core.database import TenantModel
from app.core.fields import money_field
from app.core.lookups import LookupField


class Mandate(TenantModel):
    """One registration at a gateway. A debit may take `amount_max` at most, until `valid_until`; the page where it is
    given is open until `open_until`. `umrn` is the bank's reference (UMN for UPI), once it is active;
    `bank_account_id` the account of an e-mandate."""

    loan_id = UUIDField()
    customer_id = UUIDField()
    status = TextField()
    provider = TextField()
    method = TextField()
    bank_account_id = UUIDField(null=True)
    amount_max = money_field()
    valid_until = DateField()
    open_until = DateTimeTZField()
    provider_request_id = TextField()
    provider_customer_id = TextField(null=True)
    provider_order_id = TextField(null=True)
    provider_mandate_id = TextField(null=True)
    url = TextField(null=True)
    checkout_key = TextField(null=True)
    umrn = EncryptedField(column_name="umrn_enc", null=True)
    umrn_hash = LookupField("umrn", "umrn", null=True)
    failure_reason = TextField(null=True)
    active_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)


class MandateWaiver(TenantModel):
    """The loan may be paid out without the mandate that its brand asks for."""

    loan_id = UUIDField()
    reason = TextField()
    waived_by = TextField()
