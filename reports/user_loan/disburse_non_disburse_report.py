"""What was paid out and what waits for it in one list: the rows of the disbursed and of the non-disbursed loans."""

import polars as pl

from pipelines.money import percent
from reports.base import Report, Total
from reports.columns import shared
from reports.facts import LOANS, rows
from reports.totals import count
from reports.user_loan.disbursed_loan_report import PAID_OUT
from reports.user_loan.non_disbursed_loan_report import WAITING

COLUMNS = shared("""
    customer_id loan_no customer_name pan status is_disbursed sanction_approved_date approved_date
    disbursed_date repayment_date loan_amount=sanctioned_amount pf_pct roi_pct tenure_days processing_fee
    net_disbursed_amount interest_amount repayment_amount beneficiary_name beneficiary_bank_name
    beneficiary_account_no ifsc reference_address=residence_address residence_city residence_state
    fresh_repeat sanctioned_by
""")

_PAID = pl.col("is_disbursed").cast(pl.Int64)

REPORT = Report(
    name="disburse-non-disburse-report",
    title="Disbursed and not disbursed",
    family="user and loan",
    grain="one row a loan that was paid out, or is sanctioned and signed and waits for it",
    filtered_on="the day of the credit, or of the first sanction where there is none",
    order="latest application first",
    columns=COLUMNS,
    sources={"loans": rows(LOANS, COLUMNS, where=f"(({PAID_OUT}) OR ({WAITING}))", order="l.id DESC")},
    totals=(
        count(),
        Total("count_by_is_disbursed", pl.len(), by="is_disbursed"),
        Total("amount_by_is_disbursed", pl.col("loan_amount").sum(), by="is_disbursed"),
        Total("net_by_is_disbursed", pl.col("net_disbursed_amount").sum(), by="is_disbursed"),
        Total("disbursed_pct", percent(_PAID.sum(), pl.len())),
    ),
)
