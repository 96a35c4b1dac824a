"""The loan, from application to closure."""

from peewee import DateField, DecimalField, IntegerField, TextField, UUIDField
from playhouse.postgres_ext import ArrayField, DateTimeTZField

from app.core import clock
from app.core.database import TenantModel
from app.core.fields import money_field

PAYMENT_ORDER = ("INTEREST", "PRINCIPAL", "PENAL", "CHARGE")


class Loan(TenantModel):
    """Amounts are rupees: applied for, recommended by credit, sanctioned.

    What is owed comes from the ledger; `outstanding_amount` is its copy for lists, `lost_amount` that of what was
    written off and did not come back. `held_from` is the step that a loan on HOLD goes back to. Its own from the payout
    on (`app.loans.costs`): the `payment_order` in which a payment settles what is owed, the `foreclosure_percent` of
    its principal, and the rule set of `charges_hash`, which says what else it may cost.
    """

    loan_no = TextField()
    customer_id = UUIDField()
    status = TextField()
    status_since = DateTimeTZField(default=clock.now)
    agreement_status = TextField(default="NOT_SENT")
    product = TextField(default="PAYDAY_LOAN")
    purpose = TextField()
    applied_amount = money_field()
    applied_tenure_days = IntegerField()
    credit_approved_amount = money_field(null=True)
    sanctioned_amount = money_field(null=True)
    roi_percent_per_day = DecimalField(max_digits=7, decimal_places=4, auto_round=False, null=True)
    tenure_days = IntegerField(null=True)
    processing_fee = money_field(null=True)
    gst_amount = money_field(null=True)
    net_disbursal = money_field(null=True)
    repayment_amount = money_field(null=True)
    planned_disbursal_date = DateField(null=True)
    due_date = DateField(null=True)
    disbursed_at = DateTimeTZField(null=True)
    closed_at = DateTimeTZField(null=True)
    repaid_on = DateField(null=True)
    reopened_at = DateTimeTZField(null=True)
    outstanding_amount = money_field(null=True)
    lost_amount = money_field(null=True)
    held_from = TextField(null=True)
    held_until = DateField(null=True)
    send_back_count = IntegerField(default=0)
    sanction_valid_until = DateField(null=True)
    payment_order = ArrayField(TextField, index=False, default=lambda: list(PAYMENT_ORDER))
    foreclosure_percent = DecimalField(max_digits=5, decimal_places=2, auto_round=False, default=0)
    charges_hash = TextField(null=True)


class LoanRemark(TenantModel):
    """What somebody wrote on the file, for whoever reads it next. Never changed."""

    loan_id = UUIDField()
    author_id = TextField()
    author_role = TextField()
    text = TextField()
