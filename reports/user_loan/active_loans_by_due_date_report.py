"""What falls due when: the running loans by their due date, also those of the next weeks."""

import polars as pl

from reports.base import Report, Total
from reports.columns import shared
from reports.facts import LOANS, rows
from reports.totals import count, sums

COLUMNS = shared("""
    customer_id customer_name mobile disbursed_date due_date=repayment_date status loan_no
    loan_amount=sanctioned_amount repayment_amount paid_amount=total_paid balance_due days_to_due
    autopay_active collection_executive
""")

# overdue loans are among them: their status says so
RUNNING = "l.disbursed_at IS NOT NULL AND l.closed_at IS NULL AND l.status <> 'PAID'"

REPORT = Report(
    name="active-loans-by-due-date-report",
    title="Active loans by due date",
    family="user and loan",
    grain="one row a loan that runs",
    filtered_on="the due date, at most 60 days ahead",
    order="latest due date first",
    columns=COLUMNS,
    sources={
        "loans": rows(
            LOANS,
            COLUMNS,
            where=f"l.due_date BETWEEN %(from_date)s AND %(to_date)s AND {RUNNING}",
            order="l.due_date DESC, l.id DESC",
        )
    },
    totals=(
        count(),
        *sums("repayment_amount", "paid_amount", "balance_due"),
        Total("repayment_by_due_date", pl.col("repayment_amount").sum(), by="due_date"),
        Total("balance_by_due_date", pl.col("balance_due").sum(), by="due_date"),
    ),
    days_ahead_max=60,
)
