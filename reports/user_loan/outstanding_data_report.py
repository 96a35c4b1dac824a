"""The open book: what every running loan owes at the end of a day, and how late it is."""

import polars as pl

from pipelines.money import percent
from reports.base import Report, Total
from reports.columns import shared
from reports.columns.expressions import REPORTED_ON, ended_on
from reports.columns.references import REFERENCES
from reports.facts import LOANS, rows
from reports.totals import count, sums

COLUMNS = shared("""
    lead_id=customer_id loan_no branch customer_name pan gender loan_amount=sanctioned_amount roi_pct
    tenure_days loan_repay_amount=repayment_amount net_disbursed_amount disbursed_date repayment_date
    processing_fee_with_gst=admin_fee processing_fee_without_gst=processing_fee gst_amount pf_pct
    residence_address residence_city residence_state residence_pincode company_name company_address
    company_city company_state company_pincode sanctioned_by transferred_flag bucket=reported_bucket
    dpd_days=reported_dpd_days sma_class=reported_sma_class total_collection=total_paid_reported
    active_pos=reported_outstanding_principal outstanding_interest=reported_outstanding_interest
    outstanding_penal=reported_outstanding_penal outstanding_amount=reported_outstanding_amount
    source=marketing_source user_type=fresh_repeat monthly_income status reference_1_name
    reference_1_mobile reference_1_relation mobile alternate_mobile email
    alternate_email=office_email collection_executive
""")

OPEN = f"""l.disbursed_at >= %(from_at)s AND l.disbursed_at < %(until_at)s
    AND coalesce({ended_on()} > {REPORTED_ON}, true)"""


def _at_risk(days: int) -> Total:
    """Principal of the loans that are later than so many days (1: late at all), in percent of all principal."""
    principal = pl.col("active_pos")
    late = principal.filter(pl.col("dpd_days") > (days if days > 1 else 0))
    return Total(f"par_{days}_pct", percent(late.sum(), principal.sum()))


REPORT = Report(
    name="outstanding-data-report",
    title="Outstanding",
    family="user and loan",
    grain="one row a loan that was open at the end of the last day; what is owed is as of that end, from the ledger",
    filtered_on="the day of the credit, over up to ten years: the whole book is asked for from its first day",
    order="latest credit first",
    columns=COLUMNS,
    sources={"loans": rows(LOANS, COLUMNS, where=OPEN, order="l.disbursed_at DESC, l.id DESC")},
    totals=(
        count(),
        *sums("active_pos", "outstanding_interest", "outstanding_penal", "outstanding_amount"),
        Total("count_by_bucket", pl.len(), by="bucket"),
        Total("principal_by_bucket", pl.col("active_pos").sum(), by="bucket"),
        Total("principal_pct_by_bucket", pl.col("active_pos").sum(), by="bucket", share=True),
        Total("outstanding_by_bucket", pl.col("outstanding_amount").sum(), by="bucket"),
        *(_at_risk(days) for days in (1, 30, 60, 90)),
    ),
    options=(REFERENCES,),
    span_days_max=3_660,
)
