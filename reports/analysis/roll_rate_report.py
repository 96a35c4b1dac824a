"""Roll rates: where the loans of each bucket are some days later, by number and by principal."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import MONEY as AMOUNT
from pipelines.money import percent
from reports.base import Column, Report, Total
from reports.charts import Chart
from reports.columns import shared
from reports.columns.expressions import REPORTED_ON, day, ended_on
from reports.facts import LOANS, rows
from reports.figures import figure
from reports.kinds import CHOICE, MONEY, PERCENT

BUCKETS = ("CURRENT", "1-30", "31-60", "61-90", "91+")
NEW, CLOSED, LOST = "NEW", "CLOSED", "WRITTEN_OFF"
BEFORE = "(%(from_date)s::date - 1)"
_TO = (CLOSED, *BUCKETS, LOST)


def bucket(as_of: str) -> str:
    """Where a loan stands at the end of a day, in SQL."""
    late = f"{as_of} - l.due_date"
    return f"""CASE WHEN {day("l.disbursed_at")} > {as_of} THEN '{NEW}'
        WHEN {ended_on()} <= {as_of} THEN CASE l.status WHEN 'WRITE_OFF' THEN '{LOST}' ELSE '{CLOSED}' END
        WHEN {late} <= 0 THEN 'CURRENT' WHEN {late} <= 30 THEN '1-30' WHEN {late} <= 60 THEN '31-60'
        WHEN {late} <= 90 THEN '61-90' ELSE '91+' END"""


_LOANS = (
    *shared("loan_no sanctioned_amount"),
    Column("opening", CHOICE, "Bucket before the days", bucket(BEFORE)),
    Column("closing", CHOICE, "Bucket at their end", bucket(REPORTED_ON)),
    Column(
        "owed",
        MONEY,
        "Principal owed before the days; of a new loan all of it",
        f"CASE WHEN {day('l.disbursed_at')} > {BEFORE} THEN l.sanctioned_amount ELSE opening.principal END",
    ),
)
# open before the days, or new in them
_OPEN = f"l.disbursed_at < %(until_at)s AND coalesce({ended_on()} >= %(from_date)s, true)"


def _rolled(loans: pl.LazyFrame, measure: str, value: pl.Expr) -> pl.LazyFrame:
    ranks = pl.col("opening").replace_strict({name: rank for rank, name in enumerate((*BUCKETS, NEW))})
    later = {name: BUCKETS[rank + 1 :] for rank, name in enumerate(BUCKETS)}
    earlier = {name: (CLOSED, *BUCKETS[:rank]) for rank, name in enumerate(BUCKETS) if rank}
    return (
        loans.group_by("opening")
        .agg(
            value.sum().cast(AMOUNT).alias("total"),
            *(value.filter(pl.col("closing") == name).sum().cast(AMOUNT).alias(name) for name in _TO),
            _moved(value, later).alias("forward"),
            _moved(value, earlier).alias("back"),
        )
        .with_columns(pl.lit(measure).alias("measure"))
        .sort(ranks)
    )


def _moved(value: pl.Expr, ways: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    moved = [
        (pl.col("opening") == opening) & pl.col("closing").is_in(list(closing))
        for opening, closing in ways.items()
    ]
    return value.filter(pl.any_horizontal(moved)).sum().cast(AMOUNT)


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The matrix by number, then by principal."""
    loans = frames["loans"].with_columns(pl.lit(1).alias("one"))
    return pl.concat([_rolled(loans, "count", pl.col("one")), _rolled(loans, "principal", pl.col("owed"))])


def _to(name: str) -> str:
    return "to_" + name.lower().replace("-", "_").replace("+", "_plus")


COLUMNS = (
    figure("measure", CHOICE, "count: number of loans; principal: what was owed of it before the days"),
    figure(
        "opening",
        CHOICE,
        f"Bucket at the end of the day before the first: {', '.join(BUCKETS)}; {NEW}: credited since",
    ),
    figure("total", MONEY, "All of the bucket; what it became adds up to it"),
    *(figure(_to(name), MONEY, f"Of them, {name} at the end of the last day", pl.col(name)) for name in _TO),
    figure("forward_pct", PERCENT, "Of them, in a later bucket", percent(pl.col("forward"), pl.col("total"))),
    figure(
        "back_pct",
        PERCENT,
        "Of them, in an earlier bucket or closed; of CURRENT none",
        percent(pl.col("back"), pl.col("total")),
    ),
)

_OLD = pl.col("opening") != NEW
_ON_THE_WAY = BUCKETS[:-1]
_RATES = (pl.col("forward_pct").cast(pl.Float64) / 100).filter(pl.col("opening").is_in(_ON_THE_WAY))
# of what is current, the part that goes through every bucket at the rates of these days; a bucket without a loan has no
# rate, and without one of them nothing can be said
_ALL_THE_WAY = pl.when(_RATES.count() == len(_ON_THE_WAY)).then(_RATES.product().mul(100).round(3))

REPORT = Report(
    name="roll-rate-report",
    title="Roll rates",
    family="analysis",
    grain="one row a measure and bucket of days past due before the days",
    filtered_on="from the end of the day before the first to the end of the last: a month for monthly rates",
    order="number, then principal; earliest bucket first",
    columns=COLUMNS,
    sources={"loans": rows(LOANS, _LOANS, where=_OPEN, order="l.id")},
    build=build,
    charts=(
        Chart(
            title="Forward and back, percent of the number of loans",
            x="opening",
            y=("forward_pct", "back_pct"),
            only=(pl.col("measure") == "count") & _OLD,
        ),
    ),
    totals=(
        Total("total_by_measure", pl.col("total").filter(_OLD).sum(), by="measure"),
        Total("current_to_91_plus_pct_by_measure", _ALL_THE_WAY, by="measure"),
        Total("new_by_measure", pl.col("total").filter(~_OLD).sum(), by="measure"),
    ),
)
