"""Customers who repaid in full and have not come back: whom to call for the next loan."""

import polars as pl

from reports.base import Report
from reports.columns import shared
from reports.columns.expressions import closed_on
from reports.facts import CUSTOMERS, rows
from reports.totals import count, count_where
from reports.user_loan.loan_close_report import CLOSED

COLUMNS = shared("""
    customer_id customer_name mobile email loan_no loan_amount=sanctioned_amount
    application_created_at=loan_created_at approved_date disbursed_date due_date=repayment_date closure_date
    due_closure_diff_days dpd_at_closure=dpd_days completed_loans days_since_closure reloan_eligible
    suggested_amount=eligible_loan last_contacted_at dnd status
""")

REPORT = Report(
    name="completed-loan-with-no-repet-report",
    title="Completed and not come back",
    family="user and loan",
    grain="one row a customer whose latest loan was repaid in full; not the blacklisted and those not to contact",
    filtered_on="the day on which the last of that loan was paid",
    order="latest closing first",
    columns=COLUMNS,
    sources={
        "customers": rows(
            CUSTOMERS,
            COLUMNS,
            where=f"l.status = 'COMPLETED' AND NOT c.is_blacklisted AND NOT silence.holds AND {CLOSED}",
            order=f"{closed_on()} DESC, l.id DESC",
        )
    },
    totals=(
        count(),
        count_where("early", pl.col("due_closure_diff_days") > 0),
        count_where("on_time", pl.col("due_closure_diff_days") == 0),
        count_where("late", pl.col("due_closure_diff_days") < 0),
    ),
)
