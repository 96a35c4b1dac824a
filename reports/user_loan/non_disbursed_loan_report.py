"""What was sanctioned and signed, and not paid out yet: money that waits."""

import polars as pl

from reports.base import Option, Report, Total
from reports.columns import shared
from reports.facts import LOANS, rows
from reports.totals import count, sums

COLUMNS = shared("""
    customer_id loan_no lead_created_at approved_date priority product purpose repayment_date customer_name
    gender dob salary=monthly_income account_type pan aadhaar_masked mobile alternate_mobile email
    office_email sanctioned_amount roi_pct tenure_days status interest_amount net_disbursed_amount
    repayment_amount processing_fee pf_pct beneficiary_bank_name beneficiary_name ifsc
    processed_by=disbursed_by credit_executive credit_manager sanctioned_by residence_address residence_city
    residence_state residence_pincode company_name company_address company_city company_state
    company_pincode beneficiary_account_no pending_days pending_reason kfs_valid_till agreement_status
""")

_SANCTIONED = """l.status IN ('SANCTION_MANAGER_APPROVED', 'APPROVED', 'DISBURSAL_IN_PROCESS')
    AND l.disbursed_at IS NULL
    AND steps.first_approved_at >= %(from_at)s AND steps.first_approved_at < %(until_at)s"""
WAITING = f"{_SANCTIONED} AND l.agreement_status = 'SIGNED'"
_AGREEMENT = Option(
    "agreement_status",
    {
        "SIGNED": "the agreement is signed",
        "UNSIGNED": "it is not signed yet, or not any more",
        "ANY": "signed or not",
    },
)
_CHOSEN = f"""{_SANCTIONED} AND CASE %(agreement_status)s WHEN 'SIGNED' THEN l.agreement_status = 'SIGNED'
    WHEN 'UNSIGNED' THEN l.agreement_status <> 'SIGNED' ELSE true END"""

_DAYS = pl.col("pending_days")
_AGE = pl.when(_DAYS >= 3).then(pl.lit("3+")).otherwise(_DAYS.cast(pl.String))

REPORT = Report(
    name="non-disbursed-loan-report",
    title="Sanctioned and not disbursed",
    family="user and loan",
    grain="one row a loan that is sanctioned and signed and was not paid out; if chosen, also where it is not signed",
    filtered_on="the day of the first sanction",
    order="latest sanction first",
    columns=COLUMNS,
    sources={"loans": rows(LOANS, COLUMNS, where=_CHOSEN, order="steps.first_approved_at DESC, l.id DESC")},
    totals=(
        count(),
        *sums("sanctioned_amount", "net_disbursed_amount"),
        Total("count_by_pending_days", pl.len(), by=_AGE),
        Total("amount_by_pending_days", pl.col("sanctioned_amount").sum(), by=_AGE),
    ),
    options=(_AGREEMENT,),
)
