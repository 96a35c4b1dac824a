"""What was to come in and what came: the demand of each due date against the receipts."""

import polars as pl

from pipelines.money import percent
from reports.base import Report, Total
from reports.collection.master_collection_report import NAMES
from reports.columns import shared
from reports.columns.references import REFERENCES
from reports.facts import LOANS, rows
from reports.totals import count, count_where, sums

COLUMNS = shared(
    NAMES + "demand_amount=repayment_amount collected_till_due collected_after_due collected_total=total_paid"
    " balance=balance_due collected_pct paid_on_time"
)

_PAID = pl.col("paid_on_time")
_SETTLED = pl.col("balance") <= 0
_DEFAULT = percent(_PAID.not_().sum(), _PAID.count())
_ON_TIME = percent(pl.col("collected_till_due").sum(), pl.col("demand_amount").sum())

REPORT = Report(
    name="collection-due-report",
    title="Demand and receipts by due date",
    family="collection",
    grain="one row a loan that was paid out, also the closed",
    filtered_on="the due date, at most 60 days ahead",
    order="latest due date first",
    columns=COLUMNS,
    sources={
        "loans": rows(
            LOANS,
            COLUMNS,
            where="l.disbursed_at IS NOT NULL AND l.due_date BETWEEN %(from_date)s AND %(to_date)s",
            order="l.due_date DESC, l.id DESC",
        )
    },
    totals=(
        count(),
        *sums("demand_amount", "collected_till_due", "collected_after_due", "collected_total", "balance"),
        count_where("paid_on_time", _PAID),
        count_where("paid", _SETTLED),
        Total("due_date_efficiency_pct", _ON_TIME),
        # a loan has one instalment, so its first payment is its only one
        Total("first_payment_default_pct", _DEFAULT),
        Total("demand_by_due_date", pl.col("demand_amount").sum(), by="dor"),
        Total("collected_by_due_date", pl.col("collected_total").sum(), by="dor"),
        Total("efficiency_pct_by_due_date", _ON_TIME, by="dor"),
        Total("paid_by_due_date", _SETTLED.sum(), by="dor"),
        Total("unpaid_by_due_date", _SETTLED.not_().sum(), by="dor"),
        Total("first_payment_default_pct_by_due_date", _DEFAULT, by="dor"),
    ),
    options=(REFERENCES,),
    days_ahead_max=60,
)
