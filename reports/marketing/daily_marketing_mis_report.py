"""The leads of each day and where they stand."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.facts import CUSTOMERS, rows
from reports.totals import count

COLUMNS = shared("""
    lead_id=customer_id lead_date domain application_no=loan_no customer_name mobile
    profession=employment_type lead_status residence_state residence_pincode sanctioned_amount
    net_disbursed_amount disbursed_date reject_date=rejection_date rejected_remarks=rejection_remarks
    fresh_repeat
""")

CAME = "c.created_at >= %(from_at)s AND c.created_at < %(until_at)s"
_SANCTIONED = pl.col("lead_status").is_in(["SANCTIONED", "DISBURSED"])


def _leads(status: str) -> Total:
    name = f"{status.lower().replace(' ', '_')}_by_lead_date"
    return Total(name, (pl.col("lead_status") == status).sum(), by="lead_date")


REPORT = Report(
    name="daily-marketing-mis-report",
    title="Daily MIS of marketing",
    family="marketing",
    grain="one row a customer, with the latest loan",
    filtered_on="the day the customer first gave their phone",
    order="latest customer first",
    columns=COLUMNS,
    sources={"customers": rows(CUSTOMERS, COLUMNS, where=CAME, order="c.created_at DESC, c.id DESC")},
    totals=(
        count("leads"),
        Total("count_by_lead_status", pl.len(), by="lead_status"),
        Total("leads_by_lead_date", pl.len(), by="lead_date"),
        *(_leads(status) for status in ("IN PROCESS", "SANCTIONED", "DISBURSED", "REJECTED")),
        Total(
            "sanctioned_amount_by_lead_date",
            pl.col("sanctioned_amount").filter(_SANCTIONED).sum(),
            by="lead_date",
        ),
        Total(
            "net_disbursed_amount_by_lead_date",
            pl.col("net_disbursed_amount").filter(pl.col("lead_status") == "DISBURSED").sum(),
            by="lead_date",
        ),
    ),
)
