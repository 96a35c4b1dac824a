"""Vintage curves: how much of each month's loans is still unpaid so many days after it fell due."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import MONEY as AMOUNT
from pipelines.money import percent
from reports.analysis import cuts
from reports.base import Column, Report, Source, Total
from reports.charts import Chart
from reports.columns import shared
from reports.columns.expressions import TODAY, day
from reports.facts import LOANS, rows
from reports.figures import figure
from reports.kinds import INTEGER, MONEY, PERCENT, TEXT

AGES = (0, 1, 3, 7, 15, 30, 60, 90, 180)
PARTS = {"tier": "risk_tier", "source": "marketing_source", "kind": "fresh_repeat"}
_NEVER = 1_000_000

LOANS_OF_COHORT = (
    *shared("loan_no sanctioned_amount risk_tier marketing_source fresh_repeat"),
    Column("cohort", TEXT, "Month", "to_char(l.disbursed_at AT TIME ZONE 'Asia/Kolkata', 'YYYY-MM')"),
    Column("age", INTEGER, "Days from the due date that have ended", f"{TODAY} - l.due_date - 1"),
    Column(
        "unpaid_for",
        INTEGER,
        "Days after the due date at whose end something was owed last; never if it was written off",
        f"""CASE WHEN l.status = 'WRITE_OFF' THEN {_NEVER}
        ELSE coalesce({day("l.closed_at")} - l.due_date - 1, {_NEVER}) END""",
    ),
)

# what was lost of a loan, and came back later, by days after the due date
_LOSSES = Source(
    """SELECT l.loan_no, e.business_date - l.due_date AS after, CASE e.kind
        WHEN 'RECOVERY' THEN -(e.facts ->> 'amount')::numeric
        ELSE (SELECT coalesce(sum(j.credit - j.debit), 0) FROM journal_line j
          WHERE j.brand_id = e.brand_id AND j.entry_id = e.id AND j.account = 'PRINCIPAL') END AS amount
    FROM loan l JOIN journal_entry e ON e.brand_id = l.brand_id AND e.loan_id = l.id
    WHERE l.brand_id = %(brand_id)s AND l.disbursed_at >= %(from_at)s AND l.disbursed_at < %(until_at)s
      AND e.kind IN ('WRITE_OFF', 'RECOVERY')""",
    (
        Column("loan_no", TEXT, "Number of the loan"),
        Column("after", INTEGER, "Days after the due date"),
        Column("amount", MONEY, "Principal written off; negative: recovered"),
    ),
)
_AGES = pl.LazyFrame({"days_since_due": AGES}, schema={"days_since_due": pl.Int64})


def _aged(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Each loan at each age, with what was lost of it by then."""
    lost = frames["losses"].join(_AGES, how="cross").filter(pl.col("after") <= pl.col("days_since_due"))
    lost = lost.group_by("loan_no", "days_since_due").agg(pl.col("amount").sum().alias("lost"))
    return frames["loans"].join(_AGES, how="cross").join(lost, on=("loan_no", "days_since_due"), how="left")


def _figures(aged: pl.LazyFrame) -> pl.LazyFrame:
    unpaid = pl.col("unpaid_for") >= pl.col("days_since_due")
    key = ("cut", "part", "cohort", "days_since_due")
    return (
        aged.group_by(key)
        .agg(
            pl.len().alias("loans"),
            pl.col("sanctioned_amount").sum().cast(AMOUNT).alias("amount"),
            unpaid.sum().alias("unpaid_loans"),
            pl.col("sanctioned_amount").filter(unpaid).sum().cast(AMOUNT).alias("unpaid_amount"),
            pl.col("lost").sum().cast(AMOUNT).alias("net_loss_amount"),
            pl.col("age").min(),
        )
        # a point is shown once all of the cohort came so far
        .filter(pl.col("age") >= pl.col("days_since_due"))
        .sort(key)
    )


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The curves of all loans and of their parts."""
    return cuts.cut(_aged(frames), PARTS, _figures)


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
        "loans": rows(
            LOANS,
            LOANS_OF_COHORT,
            where="l.disbursed_at >= %(from_at)s AND l.disbursed_at < %(until_at)s",
            order="l.id",
        ),
        "losses": _LOSSES,
    },
    build=build,
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
