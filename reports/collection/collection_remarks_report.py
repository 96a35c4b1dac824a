"""What was said to whom about a debt, and what came of it."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.facts import NOTES, rows
from reports.totals import count, sums

COLUMNS = shared("""
    loan_no customer_name mobile remark timing=remarked_at added_by disposition ptp_date=promised_on
    ptp_amount=promised_amount channel contact_party call_id dpd_days_at_time
""")

REPORT = Report(
    name="collection-remarks-report",
    title="Remarks on contacts",
    family="collection",
    grain="one row a contact of which somebody wrote down what came of it",
    filtered_on="the day on which it was written down",
    order="latest first",
    columns=COLUMNS,
    sources={
        "notes": rows(
            NOTES,
            COLUMNS,
            where="o.created_at >= %(from_at)s AND o.created_at < %(until_at)s",
            order="o.created_at DESC, o.id DESC",
        )
    },
    totals=(
        count(),
        *sums("ptp_amount"),
        Total("count_by_disposition", pl.len(), by="disposition"),
        Total("count_by_added_by", pl.len(), by="added_by"),
    ),
)
