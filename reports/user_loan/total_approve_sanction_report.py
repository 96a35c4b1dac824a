"""Everything that was sanctioned, paid out or not."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.facts import LOANS, rows
from reports.totals import count, count_where, sums

COLUMNS = shared("""
    lead_id=customer_id branch_name=branch pan loan_no customer_name loan_amount=sanctioned_amount admin_fee
    tenure_days roi_pct loan_repay_amount=repayment_amount disbursed_date net_disbursed_amount
    repayment_date credit_score beneficiary_account_no beneficiary_bank_name ifsc repeat_type=fresh_repeat
    lead_initiated_date=lead_date sanctioned_by transferred_flag sanction_date=approved_date
    sanction_approved_date loan_initiated_by loan_initiated_date status source=marketing_source mobile email
    alternate_mobile alternate_email=office_email deviation_codes approver_level sanction_tat_hours
""")

# the index finds who was sanctioned in the days, the fact says whether it was the first time
SANCTIONED = """l.id IN (SELECT s.entity_id FROM state_change s WHERE s.brand_id = l.brand_id AND s.entity = 'loan'
      AND s.to_state IN ('SANCTION_MANAGER_APPROVED', 'APPROVED')
      AND s.created_at >= %(from_at)s AND s.created_at < %(until_at)s)
    AND steps.first_approved_at >= %(from_at)s"""

REPORT = Report(
    name="total-approve-sanction-report",
    title="Sanctioned",
    family="user and loan",
    grain="one row a loan that was sanctioned",
    filtered_on="the day of the first sanction",
    order="latest sanction first",
    columns=COLUMNS,
    sources={
        "loans": rows(LOANS, COLUMNS, where=SANCTIONED, order="steps.first_approved_at DESC, l.id DESC")
    },
    totals=(
        count(),
        *sums("loan_amount", "net_disbursed_amount"),
        Total("count_by_sanctioned_by", pl.len(), by="sanctioned_by"),
        Total("amount_by_sanctioned_by", pl.col("loan_amount").sum(), by="sanctioned_by"),
        count_where("not_disbursed", pl.col("disbursed_date").is_null()),
    ),
)
