"""Collection efficiency: how much of what falls due comes in, by when, and through whom."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import percent
from reports.analysis import cuts
from reports.base import Column, Report, Total
from reports.charts import Chart
from reports.columns import shared
from reports.facts import LOANS, rows
from reports.figures import figure, valued
from reports.kinds import INTEGER, MONEY, PERCENT, TEXT

PARTS = {
    "executive": "collection_executive",
    "source": "marketing_source",
    "kind": "fresh_repeat",
    "state": "residence_state",
}
_BY = {
    "collected_till_due": "till_due",
    "collected_7": "till_7",
    "collected_30": "till_30",
    "collected": "total",
}
# the agreement asks for no more: what comes above it is not of this demand
_LOANS = (
    *shared("loan_no repayment_amount collection_executive marketing_source fresh_repeat residence_state"),
    Column("period", TEXT, "Month", "to_char(l.due_date, 'YYYY-MM')"),
    *(
        Column(name, MONEY, name, f"least(coalesce(paid.{fact}, 0), l.repayment_amount)")
        for name, fact in _BY.items()
    ),
)


def _figures(loans: pl.LazyFrame) -> pl.LazyFrame:
    key = ("cut", "part", "period")
    return (
        loans.group_by(key)
        .agg(
            pl.len().alias("loans"),
            (pl.col("collected") >= pl.col("repayment_amount")).sum().alias("paid_loans"),
            pl.col("repayment_amount").sum().alias("demand"),
            *(pl.col(name).sum() for name in _BY),
        )
        .sort(key)
    )


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The demand of each month against what came in, of all loans and of their parts."""
    return cuts.cut(valued(frames["loans"], _LOANS), PARTS, _figures)


def _share(name: str, meaning: str) -> Column:
    return figure(
        f"{name}_pct", PERCENT, f"{meaning}, in percent of demand", percent(pl.col(name), pl.col("demand"))
    )


_MEANINGS = {
    "collected_till_due": "Received by the due date",
    "collected_7": "Received within 7 days after it",
    "collected_30": "Received within 30 days after it",
    "collected": "Received until now",
}

COLUMNS = (
    *cuts.columns(PARTS),
    figure("period", TEXT, "Month of the due date, YYYY-MM"),
    figure("loans", INTEGER, "Loans that fall due"),
    figure("paid_loans", INTEGER, "Of them, those on which all that the agreement asks for came in"),
    figure("demand", MONEY, "What the agreements ask for"),
    *(
        figure(name, MONEY, f"{meaning}, of what the agreement asks for")
        for name, meaning in _MEANINGS.items()
    ),
    *(_share(name, meaning) for name, meaning in _MEANINGS.items()),
)

_ONCE = pl.col("cut") == cuts.WHOLE

REPORT = Report(
    name="collection-efficiency-report",
    title="Collection efficiency",
    family="analysis",
    grain="one row a month of due dates; of the whole book, then of its parts",
    filtered_on="the due date, over up to five years",
    order="whole first; oldest month first",
    columns=COLUMNS,
    sources={
        "loans": rows(
            LOANS,
            _LOANS,
            where="l.disbursed_at IS NOT NULL AND l.due_date BETWEEN %(from_date)s AND %(to_date)s",
            order="l.id",
        )
    },
    build=build,
    grouping=cuts.grouping(PARTS),
    charts=(
        Chart(
            title="Received of what falls due in a month, rupees",
            x="period",
            y=("demand", *_MEANINGS),
            only=_ONCE,
        ),
    ),
    totals=tuple(Total(name, pl.col(name).filter(_ONCE).sum()) for name in ("loans", "demand", *_BY)),
    span_days_max=1_830,
)
