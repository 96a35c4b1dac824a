"""Money that customers pay."""

from peewee import DateField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class PaymentRequest(TenantModel):
    """A page at the provider where a customer can pay `amount`; `requested_by` is who asked, `purpose` what for."""

    loan_id = UUIDField()
    status = TextField()
    amount = money_field()
    provider = TextField()
    provider_link_id = TextField(null=True)
    short_url = TextField(null=True)
    reference = TextField()
    requested_by = TextField()
    purpose = TextField(default="REPAYMENT")


class PaymentCollectionTransaction(TenantModel):
    """Money that came in. `received_on` is the business day in India; `reference` the bank's."""

    loan_id = UUIDField()
    payment_request_id = UUIDField()
    provider = TextField()
    provider_payment_id = TextField()
    amount = money_field()
    method = TextField(null=True)
    reference = TextField(null=True)
    received_at = DateTimeTZField()
    received_on = DateField()
    status = TextField()
