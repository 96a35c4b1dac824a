"""What was paid out in a range of days. A payout that the bank gave back is no payout."""

import polars as pl

from reports.base import Listing, Report
from reports.columns import shared
from reports.facts import LOANS, rows
from reports.totals import count, count_where, mean, sums, weighted_rate

COLUMNS = shared("""
    customer_id marketing_source domain loan_no priority product purpose lead_created_at approved_date
    disbursed_date repayment_date customer_name gender dob salary=monthly_income account_type pan
    aadhaar_masked mobile alternate_mobile email office_email sanctioned_amount roi_pct tenure_days status
    fresh_repeat interest_amount net_disbursed_amount repayment_amount processing_fee pf_pct gst_amount
    tax_pct tax_type beneficiary_bank_name beneficiary_name ifsc disbursed_bank utr
    processed_by=disbursed_by credit_manager sanctioned_by residence_address residence_city residence_state
    residence_pincode company_name company_address company_city company_state company_pincode
    beneficiary_account_no payment_mode=payout_mode risk_tier disbursal_tat apr_pct
""")

PAID_OUT = """l.disbursed_at >= %(from_at)s AND l.disbursed_at < %(until_at)s AND EXISTS (
    SELECT FROM payout p WHERE p.brand_id = l.brand_id AND p.loan_id = l.id AND p.status = 'SUCCESS')"""

_GIVEN_BACK = Listing(
    "reversed_payouts",
    "loans whose payout of these days the bank gave back, and its amount; no rows of theirs are here, unless they were "
    "paid out again",
    """SELECT l.loan_no, sum(p.amount) FROM payout p JOIN loan l ON l.brand_id = p.brand_id AND l.id = p.loan_id
    WHERE p.brand_id = %(brand_id)s AND p.status = 'REVERSED'
      AND coalesce(p.settled_at, p.created_at) >= %(from_at)s AND coalesce(p.settled_at, p.created_at) < %(until_at)s
    GROUP BY 1 ORDER BY 1""",
)

REPORT = Report(
    name="disbursed-loan-report",
    title="Disbursed loans",
    family="user and loan",
    grain="one row a disbursed loan",
    filtered_on="the day of the credit",
    order="latest credit first",
    columns=COLUMNS,
    sources={"loans": rows(LOANS, COLUMNS, where=PAID_OUT, order="l.disbursed_at DESC, l.id DESC")},
    listings=(_GIVEN_BACK,),
    totals=(
        count(),
        *sums("sanctioned_amount", "processing_fee", "gst_amount", "net_disbursed_amount"),
        *sums("interest_amount", "repayment_amount"),
        mean("average_ticket", "sanctioned_amount"),
        weighted_rate("average_roi_pct", "roi_pct", "sanctioned_amount"),
        count_where("fresh", pl.col("fresh_repeat") == "FRESH"),
        count_where("repeat", pl.col("fresh_repeat") == "REPEAT"),
    ),
)
