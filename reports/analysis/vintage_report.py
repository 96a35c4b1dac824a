"""Vintage curves: how much of each month's loans is still unpaid so many days after it fell due."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import MONEY as AMOUNT
from pipelines.money import percent
from reports.analysis import cuts
from reports.balance import VALUE_DATE
from reports.base import Column, Report, Total
from reports.charts import Chart
from reports.columns import shared
from reports.columns.expressions import TODAY, closed_on
from reports.facts import LOANS, rows
from reports.figures import figure
from reports.kinds import INTEGER, MONEY, PERCENT, TEXT

AGES = (0, 1, 3, 7, 15, 30, 60, 90, 180)
PARTS = {
    "tier": "risk_tier",
    "source": "marketing_source",
    "kind": "fresh_repeat",
    "executive": "credit_manager",
    "ruleset": "ruleset",
}
_NEVER = 1_000_000

COHORT = (
    *shared(" ".join(("sanctioned_amount", *PARTS.values()))),
    Column("cohort", TEXT, "Month", "to_char(l.disbursed_at AT TIME ZONE 'Asia/Kolkata', 'YYYY-MM')"),
)
LOANS_OF_COHORT = (
    *COHORT,
    Column("age", INTEGER, "Days from the due date that have ended", f"{TODAY} - l.due_date - 1"),
    Column(
        "unpaid_for",
        INTEGER,
        "Days after the due date at whose end something was owed last; never if it was written off",
        f"""CASE WHEN l.status = 'WRITE_OFF' THEN {_NEVER}
        ELSE coalesce({closed_on()} - l.due_date - 1, {_NEVER}) END""",
    ),
)

# what was lost of a loan, and came back later
_LOSSES = """
FROM loan l
JOIN customer c ON c.brand_id = l.brand_id AND c.id = l.customer_id
JOIN journal_entry e ON e.brand_id = l.brand_id AND e.loan_id = l.id
WHERE l.brand_id = %(brand_id)s AND c.is_active AND l.status = 'WRITE_OFF'"""
LOST = (
    *COHORT,
    Column("after", INTEGER, "Days after the due date", f"{VALUE_DATE} - l.due_date"),
    Column(
        "lost",
        MONEY,
        "Principal written off; negative: recovered",
        """CASE e.kind WHEN 'RECOVERY' THEN -(e.facts ->> 'amount')::numeric
        ELSE (SELECT coalesce(sum(j.credit - j.debit), 0) FROM journal_line j
          WHERE j.brand_id = e.brand_id AND j.entry_id = e.id AND j.account = 'PRINCIPAL') END""",
    ),
)
_STANDS = """e.kind IN ('WRITE_OFF', 'RECOVERY') AND NOT EXISTS (
    SELECT FROM journal_entry r WHERE r.brand_id = e.brand_id AND r.loan_id = e.loan_id AND r.kind = 'REVERSAL'
      AND r.facts ->> 'of_kind' = e.kind AND r.facts ->> 'of_reference' = e.reference)"""
_PAID_OUT = "l.disbursed_at >= %(from_at)s AND l.disbursed_at < %(until_at)s"

_GROUP = ("cohort", *PARTS.values())
_AGES = pl.LazyFrame({"days_since_due": AGES}, schema={"days_since_due": pl.Int64}).with_row_index("nth")
# of AGES, which come in their order, the first so many
_UNPAID_AT = pl.sum_horizontal(pl.col("unpaid_for") >= age for age in AGES).alias("unpaid_at")
_BEFORE = pl.sum_horizontal(pl.col("after") > age for age in AGES).alias("before")


def _alike(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """What does not differ at any age as one row: few of them, however large the book."""
    loans = (
        frames["loans"]
        .group_by(*_GROUP, _UNPAID_AT)
        .agg(pl.len().alias("loans"), pl.col("sanctioned_amount").sum().alias("amount"), pl.col("age").min())
    )
    losses = frames["losses"].group_by(*_GROUP, _BEFORE).agg(pl.col("lost").sum())
    return pl.concat([loans, losses], how="diagonal")


def _figures(alike: pl.LazyFrame) -> pl.LazyFrame:
    unpaid, lost = pl.col("nth") < pl.col("unpaid_at"), pl.col("nth") >= pl.col("before")
    key = ("cut", "part", "cohort", "days_since_due")
    return (
        alike.join(_AGES, how="cross")
        .group_by(key)
        .agg(
            pl.col("loans").sum(),
            pl.col("amount").sum().cast(AMOUNT),
            pl.col("loans").filter(unpaid).sum().alias("unpaid_loans"),
            pl.col("amount").filter(unpaid).sum().cast(AMOUNT).alias("unpaid_amount"),
            pl.col("lost").filter(lost).sum().cast(AMOUNT).alias("net_loss_amount"),
            pl.col("age").min(),
        )
        # a point is shown once all of the cohort came so far
        .filter(pl.col("age") >= pl.col("days_since_due"))
        .sort(key)
    )


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The curves of all loans and of their parts."""
    return cuts.cut(_alike(frames), PARTS, _figures)


COLUMNS = (
    *cuts.columns(PARTS),
    figure("cohort", TEXT, "Month of the credit, YYYY-MM"),
    figure("days_since_due", INTEGER, f"Days since the due date: {', '.join(map(str, AGES))}"),
    figure("loans", INTEGER, "Loans of the cohort"),
    figure("amount", MONEY, "Their principal"),
    figure("unpaid_loans", INTEGER, "Of them, not closed at the end of that day"),
    figure("unpaid_amount", MONEY, "Their principal"),
    figure(
        "unpaid_pct",
        PERCENT,
        "unpaid_loans in percent of loans",
        percent(pl.col("unpaid_loans"), pl.col("loans")),
    ),
    figure(
        "unpaid_amount_pct",
        PERCENT,
        "unpaid_amount in percent of amount",
        percent(pl.col("unpaid_amount"), pl.col("amount")),
    ),
    figure(
        "net_loss_amount",
        MONEY,
        "Principal written off by the end of that day, less what was recovered by then",
    ),
    figure(
        "net_loss_pct",
        PERCENT,
        "net_loss_amount in percent of amount",
        percent(pl.col("net_loss_amount"), pl.col("amount")),
    ),
)

_ONCE = (pl.col("cut") == cuts.WHOLE) & (pl.col("days_since_due") == 0)

REPORT = Report(
    name="vintage-report",
    title="Vintage curves",
    family="analysis",
    grain="one row a cohort and age, once all loans of the cohort came so far; of the whole book, then of its parts",
    filtered_on="the day of the credit, over up to five years",
    order="whole first; oldest cohort first",
    columns=COLUMNS,
    sources={
        "loans": rows(LOANS, LOANS_OF_COHORT, where=_PAID_OUT),
        "losses": rows(_LOSSES, LOST, where=f"{_STANDS} AND {_PAID_OUT}"),
    },
    build=build,
    grouping=cuts.grouping(PARTS),
    charts=(
        Chart(
            title="Unpaid so many days after the due date, percent of the principal",
            kind="line",
            x="days_since_due",
            y=("unpaid_amount_pct",),
            by="cohort",
            only=pl.col("cut") == cuts.WHOLE,
        ),
    ),
    totals=(
        Total("loans", pl.col("loans").filter(_ONCE).sum()),
        Total("amount", pl.col("amount").filter(_ONCE).sum()),
    ),
    span_days_max=1_830,
)
