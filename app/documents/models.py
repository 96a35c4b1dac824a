"""Files of a customer: what they uploaded, what we made, what came back signed."""

from peewee import DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class Document(TenantModel):
    """One stored file. The bytes are in the private bucket under `s3_key`; `sha256` (hex) is over them. `source` is who
    gave it; somebody who reviews it claims it for a while.

    What we made of a loan has a `version`, a `language`, and the `number` and `check_code` that are printed on it. What
    turned out not to be true is `withdrawn_at` some time. `net_salary` (rupees) of `salary_month` is what staff read on
    a salary slip.
    """

    customer_id = UUIDField()
    loan_id = UUIDField(null=True)
    kind = TextField()
    s3_key = TextField()
    sha256 = TextField()
    content_type = TextField()
    size_bytes = IntegerField()
    status = TextField(default="PENDING")
    remark = TextField(null=True)
    version = IntegerField(null=True)
    language = TextField(null=True)
    number = TextField(null=True)
    check_code = TextField(null=True)
    erased_at = DateTimeTZField(null=True)
    withdrawn_at = DateTimeTZField(null=True)
    source = TextField(default="CUSTOMER")
    claimed_by = TextField(null=True)
    claimed_at = DateTimeTZField(null=True)
    net_salary = money_field(null=True)
    salary_month = DateField(null=True)
