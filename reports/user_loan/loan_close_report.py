"""Loans that were closed, with every payment that closed them; those too that wait for their certificates (PAID)."""

from dataclasses import replace

import polars as pl

from reports.base import Column, Report, Total
from reports.columns import shared
from reports.columns.expressions import closed_on
from reports.facts import LOANS_PAID, rows
from reports.totals import count, sums

_COLUMNS = shared("""
    lead_id=customer_id state=residence_state city=residence_city loan_no customer_name mobile pan
    user_type=fresh_repeat loan_amount=sanctioned_amount loan_repay_amount=repayment_amount roi_pct
    tenure_days disbursed_date repayment_date date_of_received=payment_date loan_status=closing_status
    payment_mode principal_received interest_received penalty_received recovered_amount excess_amount total_discount
    total_received=paid_amount recovery_by=created_by recovery_date=payment_date verified_by=approved_by
    verified_date company_account_number=credited_bank reference_number=payment_reference
    remark=account_remarks noc noc_sent_by noc_sent_at closure_date dpd_at_closure=dpd_days row_seq
""")

_MONEY = {
    "principal_received",
    "interest_received",
    "penalty_received",
    "recovered_amount",
    "excess_amount",
    "total_received",
}


def _at_least_zero(column: Column) -> Column:
    """Of a loan without a payment nothing was received, which is known."""
    value = pl.col(column.name) if column.formula is None else column.formula
    return replace(column, sql=None, formula=value.fill_null(0))


COLUMNS = tuple(_at_least_zero(column) if column.name in _MONEY else column for column in _COLUMNS)
CLOSED = f"{closed_on()} BETWEEN %(from_date)s AND %(to_date)s"
_FIRST = pl.col("row_seq") == 1

REPORT = Report(
    name="loan-close-report",
    title="Closed loans",
    family="user and loan",
    grain="one row a payment of a closed loan, one row of zeros where there was none; what speaks of the "
    "loan stands in each of its rows and counts once in the totals",
    filtered_on="the day on which the last of it was paid, its certificates made or not yet, or on which it was "
    "settled or written off",
    order="latest payment first",
    columns=COLUMNS,
    sources={
        "payments": rows(
            LOANS_PAID,
            COLUMNS,
            where=CLOSED,
            order="t.received_on DESC NULLS LAST, t.id DESC, l.id DESC",
        )
    },
    totals=(
        count(),
        Total("loans", pl.col("loan_no").n_unique()),
        Total("loan_amount", pl.col("loan_amount").filter(_FIRST).sum()),
        *sums("principal_received", "interest_received", "penalty_received", "recovered_amount"),
        *sums("excess_amount"),
        *sums("total_received", "total_discount"),
    ),
)
