"""The register of receipts: every payment received in a range of days, and how the ledger split it."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.facts import PAYMENTS, rows
from reports.totals import count, sums

COLUMNS = shared("""
    customer_id source=marketing_source loan_no old_loan_id status sanctioned_amount roi_pct pf_pct
    interest_amount repayment_amount disbursed_date repayment_date customer_name pan mobile alternate_mobile
    state=residence_state city=residence_city collection_status payment_date paid_amount processing_fee
    tax=gst_amount principal_received interest_received penalty_received recovered_amount penalty_discount
    round_off_discount excess_amount credited_bank payment_reference payment_mode created_by approved_by account_remarks
""")

REPORT = Report(
    name="collection-loan-report",
    title="Collections by loan",
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
        *sums("paid_amount", "principal_received", "interest_received", "penalty_received"),
        *sums("recovered_amount", "excess_amount"),
        *sums("penalty_discount", "round_off_discount"),
        Total("count_by_mode", pl.len(), by="payment_mode"),
    ),
)
