"""What falls due when: the running loans by their due date, also those of the next weeks."""

import polars as pl

from reports.base import Option, Report, Total
from reports.columns import shared
from reports.facts import LOANS, rows
from reports.totals import count, sums

COLUMNS = shared("""
    customer_id customer_name mobile disbursed_date due_date=repayment_date status loan_no
    loan_amount=sanctioned_amount repayment_amount paid_amount=total_paid balance_due days_to_due
    autopay_active collection_executive
""")

# overdue loans are among them: their status says so
_ORDER = Option("order", {"desc": "latest due date first", "asc": "earliest due date first"})
RUNNING = "l.disbursed_at IS NOT NULL AND l.closed_at IS NULL AND l.status <> 'PAID'"

REPORT = Report(
    name="active-loans-by-due-date-report",
    title="Active loans by due date",
    family="user and loan",
    grain="one row a loan that runs",
    filtered_on="the due date, at most 60 days ahead",
    order="latest due date first, or as chosen",
    columns=COLUMNS,
    sources={
        "loans": rows(
            LOANS,
            COLUMNS,
            where=f"l.due_date BETWEEN %(from_date)s AND %(to_date)s AND {RUNNING}",
            order="CASE %(order)s WHEN 'asc' THEN l.due_date END, l.due_date DESC, l.id DESC",
        )
    },
    totals=(
        count(),
        *sums("repayment_amount", "paid_amount", "balance_due"),
        Total("repayment_by_due_date", pl.col("repayment_amount").sum(), by="due_date"),
        Total("balance_by_due_date", pl.col("balance_due").sum(), by="due_date"),
    ),
    options=(_ORDER,),
    days_ahead_max=60,
)
