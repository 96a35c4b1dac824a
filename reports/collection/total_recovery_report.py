"""All money that came back, by who brought it and how late it was."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.facts import PAYMENTS, rows
from reports.totals import count, sums

COLUMNS = shared("""
    lead_id=customer_id branch city=residence_city state=residence_state loan_no customer_name
    loan_amount=sanctioned_amount loan_repay_amount=repayment_amount roi_pct disbursed_date repayment_date
    received_amount=paid_amount date_of_received=payment_date loan_status=status payment_mode
    discount=total_discount refund recovery_by=created_by recovery_date=payment_date approved_by
    approved_date=verified_date company_account_number=credited_bank reference_number=payment_reference
    collection_remarks closure_remark collection_type noc source=marketing_source dpd_at_payment
    principal_received interest_received penalty_received recovered_amount excess_amount
""")

_RECEIVED = pl.col("received_amount").sum()

REPORT = Report(
    name="total-recovery-report",
    title="Recovery",
    family="collection",
    grain="one row a payment that was received",
    filtered_on="the day the payment was received",
    order="latest payment first",
    columns=COLUMNS,
    sources={
        "payments": rows(
            PAYMENTS,
            COLUMNS,
            where="t.received_on BETWEEN %(from_date)s AND %(to_date)s",
            order="t.received_on DESC, t.id DESC",
        )
    },
    totals=(
        count(),
        *sums("received_amount", "discount", "refund"),
        Total("net_recovery", _RECEIVED - pl.col("refund").sum()),
        Total("received_by_collection_type", _RECEIVED, by="collection_type"),
        Total("received_by_recovery_by", _RECEIVED, by="recovery_by"),
        Total("received_by_mode", _RECEIVED, by="payment_mode"),
    ),
)
