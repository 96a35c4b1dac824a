"""The funnel: how many of the leads came to each step, how long it took, and what stopped the others."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import percent
from reports.analysis import cuts
from reports.base import Column, Report, Total
from reports.charts import Chart
from reports.columns import shared
from reports.facts import CUSTOMERS, rows
from reports.figures import figure, valued
from reports.kinds import CHOICE, INSTANT, INTEGER, PERCENT, TEXT
from reports.marketing.daily_marketing_mis_report import CAME

PARTS = {
    "source": "marketing_source",
    "state": "residence_state",
    "city_tier": "city_tier",
    "salary_band": "salary_band",
    "score_band": "score_band",
    "device": "device",
    "kind": "fresh_repeat",
    "executive": "screen_by",
}
STEPS = {
    "LEAD": "c.created_at",
    "PHONE_VERIFIED": "c.registered_at",
    "KYC": "milestones.kyc_at",
    "BANK_ACCOUNT": "milestones.bank_at",
    "APPLIED": "book.first_applied_at",
    "BANK_DATA": "milestones.bank_data_at",
    "BUREAU": "milestones.bureau_at",
    "DECIDED": "milestones.decided_at",
    "PASSED": "milestones.passed_at",
    "RECOMMENDED": "reached.recommended_at",
    "SANCTIONED": "reached.approved_at",
    "ACCEPTED": "milestones.accepted_at",
    "SIGNED": "reached.signed_at",
    "MANDATE": "milestones.mandate_at",
    "DISBURSED": "book.first_disbursed_at",
}
_LEADS = (
    *shared(" ".join(("customer_id", *PARTS.values()))),
    *(Column(step, INSTANT, f"When they came to {step}", sql) for step, sql in STEPS.items()),
    Column(
        "ended_for",
        TEXT,
        "What stopped them",
        """coalesce(nullif(split_part(reached.rejected_for, ',', 1), ''),
        CASE WHEN l.status = 'CANCELLED' THEN 'CANCELLED' ELSE 'WAITING' END)""",
    ),
)
_NAMES = tuple(STEPS)


def _figures(leads: pl.LazyFrame) -> pl.LazyFrame:
    # who came to a later step came to this one too, whether its own trace is there or not
    came = [pl.when(pl.col(name).is_not_null()).then(rank) for rank, name in enumerate(_NAMES)]
    known = leads.with_columns(pl.max_horizontal(came).alias("depth"))
    steps = (_step(known, rank) for rank in range(len(_NAMES)))
    return pl.concat(steps).sort("cut", "part", "rank")


def _step(leads: pl.LazyFrame, rank: int) -> pl.LazyFrame:
    name, depth = _NAMES[rank], pl.col("depth")
    before = pl.max_horizontal(pl.col(earlier) for earlier in _NAMES[:rank]) if rank else pl.col(name)
    hours = (pl.col(name) - before).dt.total_minutes().clip(0) / 60
    stopped = (depth == rank) & (depth < len(_NAMES) - 1)
    return leads.group_by("cut", "part").agg(
        pl.lit(rank).alias("rank"),
        pl.lit(name).alias("step"),
        (depth >= rank).sum().alias("customers"),
        (depth >= max(rank - 1, 0)).sum().alias("before"),
        (depth >= 0).sum().alias("leads"),
        hours.median().round(2).alias("median_hours"),
        hours.quantile(0.9, "higher").round(2).alias("p90_hours"),
        stopped.sum().alias("dropped"),
        pl.col("ended_for").filter(stopped).mode().sort().first().alias("top_drop_reason"),
    )


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The funnel of all leads and of their parts."""
    return cuts.cut(valued(frames["leads"], _LEADS), PARTS, _figures)


COLUMNS = (
    *cuts.columns(PARTS),
    figure(
        "step",
        CHOICE,
        f"Step: {', '.join(_NAMES)}. PASSED: the rules did not reject; ACCEPTED: the Key Facts Statement",
    ),
    figure("customers", INTEGER, "Leads who came so far, or further"),
    figure(
        "step_pct",
        PERCENT,
        "The same in percent of the step before",
        percent(pl.col("customers"), pl.col("before")),
    ),
    figure(
        "cumulative_pct", PERCENT, "In percent of all leads", percent(pl.col("customers"), pl.col("leads"))
    ),
    figure("median_hours", PERCENT, "Hours since the last step before it, of half of them at most"),
    figure("p90_hours", PERCENT, "The same of nine in ten"),
    figure("dropped", INTEGER, "Leads who came so far and no further, until now"),
    figure(
        "top_drop_reason",
        TEXT,
        "What most of them stopped for: a rule or reason, CANCELLED, WAITING (nothing ended it)",
    ),
)

REPORT = Report(
    name="funnel-report",
    title="Funnel",
    family="analysis",
    grain="one row a step on the way to a loan; of all leads, then of their parts",
    filtered_on="the day the customer first gave their phone; all that came of them until now counts",
    order="whole first; steps in their order",
    columns=COLUMNS,
    sources={"leads": rows(CUSTOMERS, _LEADS, where=CAME, order="c.id")},
    build=build,
    grouping=cuts.grouping(PARTS),
    charts=(
        Chart(
            title="Leads who came so far",
            x="step",
            y=("customers",),
            only=pl.col("cut") == cuts.WHOLE,
        ),
        Chart(
            title="Hours since the step before",
            x="step",
            y=("median_hours", "p90_hours"),
            only=pl.col("cut") == cuts.WHOLE,
        ),
    ),
    totals=(
        Total("customers_by_step", pl.col("customers").filter(pl.col("cut") == cuts.WHOLE).sum(), by="step"),
    ),
)
