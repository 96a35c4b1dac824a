"""Which rules stop applications: at the first that fails, at all that fail, and where one alone fails."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import TOTAL, lakhs, percent
from reports.base import Column, Report, Source, Total
from reports.charts import Chart
from reports.columns import shared
from reports.columns.expressions import TODAY, unpaid_after_due
from reports.facts import LOANS, rows
from reports.figures import figure
from reports.kinds import CHOICE, FLAG, INTEGER, MONEY, PERCENT, TEXT

_APPLIED = "l.created_at >= %(from_at)s AND l.created_at < %(until_at)s"
_LOANS = (
    *shared("loan_no applied_amount"),
    Column("record_hash", TEXT, "What the newest decision told", "verdict.record_hash"),
    Column("overridden", FLAG, "Sanctioned all the same", "steps.first_approved_at IS NOT NULL"),
    Column(
        "bad",
        FLAG,
        "Owed 7 days after the due date",
        f"CASE WHEN l.disbursed_at IS NOT NULL AND l.due_date + 7 < {TODAY} THEN {unpaid_after_due('l', 7)} END",
    ),
)
_SPOKEN = Source(
    f"""SELECT t.hash AS record_hash, v.n AS rank, v.said ->> 'rule_id' AS rule_id, v.said ->> 'code' AS code,
      v.said ->> 'effect' AS effect
    FROM decision_text t
    CROSS JOIN LATERAL jsonb_array_elements(t.record::jsonb -> 'verdicts') WITH ORDINALITY v(said, n)
    WHERE t.brand_id = %(brand_id)s AND v.said ->> 'verdict' <> 'NO_HIT' AND t.hash IN (
      SELECT d.record_hash FROM loan l JOIN decision d ON d.brand_id = l.brand_id AND d.loan_id = l.id
      WHERE l.brand_id = %(brand_id)s AND {_APPLIED})""",
    (
        Column("record_hash", TEXT, "What a decision told"),
        Column("rank", INTEGER, "Place of the rule"),
        Column("rule_id", TEXT, "Rule"),
        Column("code", TEXT, "Its code"),
        Column("effect", CHOICE, "reject, refer; empty: not evaluated"),
    ),
)


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The waterfall of what rejects, then of what refers."""
    return pl.concat(_waterfall(frames, effect) for effect in ("reject", "refer"))


def _waterfall(frames: Mapping[str, pl.LazyFrame], effect: str) -> pl.LazyFrame:
    spoken = frames["spoken"].join(frames["loans"], on="record_hash")
    failed = spoken.filter(pl.col("effect") == effect)
    told = failed.with_columns(
        (pl.col("rank") == pl.col("rank").min().over("loan_no")).alias("is_first"),
        (pl.len().over("loan_no") == 1).alias("is_sole"),
    )
    silent = spoken.filter(pl.col("effect") == "").group_by("rule_id").agg(pl.len().alias("silent"))
    by_rule = told.group_by("rule_id").agg(
        pl.col("rank").min(),
        pl.col("code").first(),
        pl.len().alias("failed"),
        pl.col("is_first").sum().alias("first_failed"),
        pl.col("is_sole").sum().alias("sole_failed"),
        pl.col("applied_amount").sum().cast(TOTAL).alias("value"),
        pl.col("overridden").sum(),
        pl.col("bad").filter(pl.col("overridden")).count().alias("matured"),
        pl.col("bad").filter(pl.col("overridden")).sum().alias("bad"),
    )
    return (
        by_rule.join(silent, on="rule_id", how="left")
        .join(frames["loans"].select(pl.len().alias("decided")), how="cross")
        .sort("rank", "rule_id")
        .with_columns(
            pl.lit(effect).alias("effect"),
            (pl.col("decided") - pl.col("silent").fill_null(0)).alias("evaluated"),
            (pl.col("decided") - pl.col("first_failed").cum_sum()).alias("left"),
        )
    )


COLUMNS = (
    figure("effect", CHOICE, "What failing does: reject, refer"),
    figure("rule_id", TEXT, "Rule, in the order of the rule set"),
    figure("code", TEXT, "Its code in the catalogue of reasons"),
    figure("evaluated", INTEGER, "Applications on which the rule could be worked out"),
    figure("failed", INTEGER, "Of them, those that it stops"),
    figure(
        "fail_pct", PERCENT, "failed in percent of evaluated", percent(pl.col("failed"), pl.col("evaluated"))
    ),
    figure("first_failed", INTEGER, "Applications that it stops first: they add up to all that are stopped"),
    figure(
        "cumulative_pass_pct",
        PERCENT,
        "Applications that neither it nor a rule before it stops, in percent",
        percent(pl.col("left"), pl.col("decided")),
    ),
    figure("sole_failed", INTEGER, "Applications that it alone stops: so many more if it were relaxed"),
    figure(
        "value_lakhs",
        MONEY,
        "Amount applied for of those that it stops, lakhs of rupees",
        lakhs(pl.col("value")),
    ),
    figure("overridden", INTEGER, "Of those that it stops, sanctioned all the same"),
    figure("override_pct", PERCENT, "The same in percent", percent(pl.col("overridden"), pl.col("failed"))),
    figure(
        "override_bad_pct",
        PERCENT,
        "Of these, something was owed 7 days after the due date, in percent of those that came so far",
        percent(pl.col("bad"), pl.col("matured")),
    ),
)

REPORT = Report(
    name="reject-waterfall-report",
    title="Reject waterfall",
    family="analysis",
    grain="one row a rule that stopped an application, by the newest decision on each",
    filtered_on="the day of the application",
    order="rules that reject, then those that refer, in the order of the rule set",
    columns=COLUMNS,
    sources={
        "loans": rows(LOANS, _LOANS, where=f"{_APPLIED} AND verdict.outcome IS NOT NULL", order="l.id"),
        "spoken": _SPOKEN,
    },
    build=build,
    charts=(
        Chart(
            title="Applications that a rule stops first, and alone",
            x="rule_id",
            y=("first_failed", "sole_failed"),
            only=pl.col("effect") == "reject",
        ),
    ),
    totals=(
        Total("first_failed_by_effect", pl.col("first_failed").sum(), by="effect"),
        Total("failed_by_effect", pl.col("failed").sum(), by="effect"),
    ),
)
