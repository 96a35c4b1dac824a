"""What brought each customer, and what came of it: the rows behind every figure of marketing."""

import polars as pl

from pipelines.money import percent
from reports.base import Report, Total
from reports.columns import shared
from reports.facts import LEADS, rows

COLUMNS = shared("""
    customer_id user_id mobile loan_no loan_type=product fresh_repeat domain landing_page_url utm_campaign
    utm_term utm_content utm_source utm_medium utm_clickid lead_stage rejection_remarks rejection_date
    is_reloan_case applied_on=loan_initiated_date amount_disbursed=disbursed_amount
    disbursal_date=disbursed_date sanction_date=approved_date utm_source_first_click first_click_at
    utm_source_last_click last_click_at first_touch_campaign platform
""")

CAME_OR_DISBURSED = """((c.created_at >= %(from_at)s AND c.created_at < %(until_at)s)
    OR (l.disbursed_at >= %(from_at)s AND l.disbursed_at < %(until_at)s))"""

_LEADS = pl.col("customer_id").n_unique()
_WON = pl.col("customer_id").filter(pl.col("disbursal_date").is_not_null()).n_unique()

REPORT = Report(
    name="marketing-report",
    title="Marketing",
    family="marketing",
    grain="one row a customer and loan, one without a loan where there is none",
    filtered_on="the day the customer first gave their phone, or the day of the credit",
    order="latest customer first",
    columns=COLUMNS,
    sources={
        "leads": rows(
            LEADS, COLUMNS, where=CAME_OR_DISBURSED, order="c.created_at DESC, c.id DESC, l.id DESC"
        )
    },
    totals=(
        Total("leads", _LEADS),
        Total("disbursed", pl.col("disbursal_date").count()),
        Total("amount_disbursed", pl.col("amount_disbursed").sum()),
        Total("leads_by_source", _LEADS, by="utm_source"),
        Total("conversion_pct_by_source", percent(_WON, _LEADS), by="utm_source"),
    ),
)
