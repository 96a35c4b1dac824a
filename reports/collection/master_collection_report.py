"""Every loan that fell due or was paid on in a range of days, with all that came in on it."""

import polars as pl

from pipelines.money import percent
from reports.base import Report, Total
from reports.columns import shared
from reports.columns.references import REFERENCES
from reports.facts import LOANS, rows
from reports.totals import count, sums

NAMES = """
    customer_id loan_no old_loan_id dpd_status dpd_days status fresh_repeat sanctioned_amount pf_pct
    tenure_days roi_pct repayment_amount dod=disbursed_date dor=repayment_date customer_name pan mobile
    alternate_mobile_1=alternate_mobile alternate_mobile_2=reference_1_mobile
    alternate_mobile_3=reference_2_mobile alternate_name_1=alternate_name alternate_name_2=reference_1_name
    alternate_name_3=reference_2_name residence_state residence_city email office_email
    beneficiary_bank_name ifsc beneficiary_account_no beneficiary_name credited_bank=latest_bank
    allocated_to=collection_executive credit_executive credit_manager sanctioned_by disbursed_by
    collection_executive collection_executive_email collection_status=loan_collection_status
    payment_date=last_paid_on paid_amount=total_paid net_disbursed_amount processing_fee tax=gst_amount
    int_paid=total_interest_received p_int_paid=total_penalty_received
    penalty_discount=total_penalty_discount round_off_discount=total_round_off_discount
    excess_amount=total_excess outstanding_amount uploaded_by=latest_asked_by verified_by=latest_confirmed_by
    account_remarks=latest_remarks collection_remarks
"""
COLUMNS = shared(NAMES)

_DUE_OR_PAID = """l.disbursed_at IS NOT NULL AND (l.due_date BETWEEN %(from_date)s AND %(to_date)s
    OR l.id IN (SELECT o.loan_id FROM payment_collection_transaction o WHERE o.brand_id = %(brand_id)s
      AND o.status = 'SUCCESS' AND o.received_on BETWEEN %(from_date)s AND %(to_date)s))"""

REPORT = Report(
    name="master-collection-report",
    title="Collections, all loans",
    family="collection",
    grain="one row a loan that was paid out, also the closed; with all payments on it",
    filtered_on="the due date, at most 60 days ahead, or the day of a payment",
    order="latest due date first",
    columns=COLUMNS,
    sources={"loans": rows(LOANS, COLUMNS, where=_DUE_OR_PAID, order="l.due_date DESC, l.id DESC")},
    totals=(
        count(),
        *sums("repayment_amount", "paid_amount", "outstanding_amount"),
        Total("collection_pct", percent(pl.col("paid_amount").sum(), pl.col("repayment_amount").sum())),
        Total("count_by_dpd_status", pl.len(), by="dpd_status"),
        Total("outstanding_by_dpd_status", pl.col("outstanding_amount").sum(), by="dpd_status"),
    ),
    options=(REFERENCES,),
    days_ahead_max=60,
)
