"""Who collects what, and what came in on it."""

import polars as pl

from pipelines.money import mean_money, percent
from reports.base import Report, Total
from reports.columns import shared
from reports.facts import ALLOTMENTS, rows
from reports.totals import count, person, sums

COLUMNS = shared("""
    customer_id loan_no user_id=allotted_to_id collection_executive=allotted_to
    collection_executive_email=allotted_to_email collection_manager collection_manager_email customer_name
    disbursed_date due_date=repayment_date dpd_days outstanding_principal outstanding_interest
    outstanding_amount allocated_at=allotted_at allocation_type bucket geo_score days_held last_contact_at
    last_disposition ptp_date ptp_amount collected_in_range
""")

_COLLECTED, _LEFT = pl.col("collected_in_range").sum(), pl.col("outstanding_amount").sum()


def _by_executive(name: str, value: pl.Expr) -> Total:
    return Total(f"{name}_by_executive", value, by=person("collection_executive"))


REPORT = Report(
    name="collection-allocation-executive-report",
    title="Collection by executive",
    family="collection",
    grain="one row a loan that somebody collects now; a loan has one collection executive at a time",
    filtered_on="the due date, at most 60 days ahead",
    order="latest due date first",
    columns=COLUMNS,
    sources={
        "allotments": rows(
            ALLOTMENTS,
            COLUMNS,
            where="a.is_active AND a.kind = 'COLLECTION' AND l.due_date BETWEEN %(from_date)s AND %(to_date)s",
            order="l.due_date DESC, l.id DESC",
        )
    },
    totals=(
        count(),
        *sums("outstanding_principal", "outstanding_amount", "collected_in_range"),
        _by_executive("accounts", pl.len()),
        _by_executive("outstanding", _LEFT),
        _by_executive("collected", _COLLECTED),
        _by_executive("resolution_pct", percent(_COLLECTED, _COLLECTED + _LEFT)),
        _by_executive("average_dpd", mean_money(pl.col("dpd_days").sum(), pl.len())),
    ),
    days_ahead_max=60,
)
