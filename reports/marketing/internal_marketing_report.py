"""Whom to call back: how far each lead came on the way to a loan."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.facts import CUSTOMERS, rows
from reports.marketing.daily_marketing_mis_report import CAME
from reports.totals import count, sums

COLUMNS = shared("""
    customer_id customer_name mobile email salary=monthly_income loan_type=product fresh_repeat domain
    onboarding_step campaign_name=utm_campaign campaign_term=utm_term campaign_content=utm_content
    campaign_source=utm_source campaign_medium=utm_medium utm_clickid lead_stage rejection_remarks
    sanctioned_amount net_disbursed_amount disbursed_date created_date=lead_date
""")

_PAID_OUT = """c.id IN (SELECT b.customer_id FROM loan b WHERE b.brand_id = %(brand_id)s
      AND b.disbursed_at >= %(from_at)s AND b.disbursed_at < %(until_at)s)"""

REPORT = Report(
    name="internal-marketing-report",
    title="Leads to call back",
    family="marketing",
    grain="one row a customer, with the latest loan",
    filtered_on="the day the customer first gave their phone, or the day of the credit of any of their loans",
    order="latest customer first",
    columns=COLUMNS,
    sources={
        "customers": rows(
            CUSTOMERS, COLUMNS, where=f"(({CAME}) OR {_PAID_OUT})", order="c.created_at DESC, c.id DESC"
        )
    },
    totals=(
        count("leads"),
        *sums("sanctioned_amount"),
        Total("count_by_lead_stage", pl.len(), by="lead_stage"),
    ),
)
