"""How each loan stood at the end of each day, and which days are closed."""

from peewee import BooleanField, DateField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import DateTimeTZField

from app.core.database import TenantModel
from app.core.fields import money_field


class LoanDay(TenantModel):
    """A loan that owed something at the end of a day. Made anew whenever the day is closed again.

    `days_past_due` is negative before the due date. The class and the provision go by `classified_days`, those of the
    borrower: of all their loans the most, and on from where they were as long as anything is in arrears.
    `interest_suspended` is owed and no income, since the class is an NPA.
    """

    on_date = DateField()
    loan_id = UUIDField()
    customer_id = UUIDField()
    days_past_due = IntegerField()
    stage = TextField()
    bucket = TextField()
    classified_days = IntegerField()
    classification = TextField()
    npa_since = DateField(null=True)
    principal = money_field()
    interest = money_field()
    penal = money_field()
    charges = money_field()
    total = money_field()
    provision = money_field()
    interest_suspended = money_field()


class EodStep(TenantModel):
    """A step of the end of a day that was done, the last time: how many rows it came to. `again`: it is to be done
    again, since a day before it was closed after it."""

    on_date = DateField()
    step = TextField()
    row_count = IntegerField()
    started_at = DateTimeTZField()
    finished_at = DateTimeTZField()
    again = BooleanField(default=False)
