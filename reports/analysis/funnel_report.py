"""The funnel: visits, how many of the leads came to each step, how long it took, and what stopped the others."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import percent
from reports.analysis import cuts
from reports.base import Column, Report, Source, Total
from reports.charts import Chart
from reports.columns import shared
from reports.columns.expressions import reasons
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
# before the first: a visit is of nobody, and tells no more of them than its link does
CLICK = "CLICK"
_VISITS = Source(
    """SELECT coalesce(nullif(concat_ws(' ', k.utm_source, k.utm_medium, k.utm_campaign), ''), 'Direct')
      AS marketing_source, count(*) AS clicks FROM click k
    WHERE k.brand_id = %(brand_id)s AND k.created_at >= %(from_at)s AND k.created_at < %(until_at)s GROUP BY 1""",
    (
        Column("marketing_source", TEXT, "Source, medium and campaign of the visit, else Direct"),
        Column("clicks", INTEGER, "Visits"),
    ),
)


def _figures(leads: pl.LazyFrame) -> pl.LazyFrame:
    # who came to a later step came to this one too, whether its own trace is there or not
    came = [pl.when(pl.col(name).is_not_null()).then(rank) for rank, name in enumerate(_NAMES)]
    known = leads.with_columns(pl.max_horizontal(came).alias("depth"))
    return pl.concat(_step(known, rank) for rank in range(len(_NAMES)))


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


def _clicks(visits: pl.LazyFrame) -> pl.LazyFrame:
    return visits.group_by("cut", "part").agg(
        pl.lit(-1).alias("rank"), pl.lit(CLICK).alias("step"), pl.col("clicks").sum().alias("customers")
    )


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The funnel of all leads and of their parts; visits before it, of the whole and by source."""
    visits = cuts.cut(frames["visits"], {"source": PARTS["source"]}, _clicks)
    leads = cuts.cut(valued(frames["leads"], _LEADS), PARTS, _figures)
    came = pl.col("step") == _NAMES[0]
    clicks = visits.select("cut", "part", pl.col("customers").alias("clicks"))
    ranks = {name: rank for rank, name in enumerate((cuts.WHOLE, *PARTS))}
    return (
        pl.concat([visits, leads], how="diagonal_relaxed")
        .join(clicks, on=("cut", "part"), how="left")
        .with_columns(pl.when(came).then("clicks").otherwise("before").alias("before"))
        .sort(pl.col("cut").replace_strict(ranks), "part", "rank")
    )


COLUMNS = (
    *cuts.columns(PARTS),
    figure(
        "step",
        CHOICE,
        f"Step: {', '.join((CLICK, *_NAMES))}. {CLICK}: visits in the days, of the whole and by source alone; PASSED: "
        "the rules did not reject; ACCEPTED: the Key Facts Statement",
    ),
    figure(
        "customers", INTEGER, f"Leads who came so far, or further; of {CLICK} visits, whoever they were of"
    ),
    figure(
        "step_pct",
        PERCENT,
        f"The same in percent of the step before; of {_NAMES[0]} in percent of the visits",
        percent(pl.col("customers"), pl.col("before")),
    ),
    figure(
        "cumulative_pct",
        PERCENT,
        f"In percent of all leads; none of {CLICK}",
        percent(pl.col("customers"), pl.col("leads")),
    ),
    figure("median_hours", PERCENT, "Hours since the last step before it, of half of them at most"),
    figure("p90_hours", PERCENT, "The same of nine in ten"),
    figure("dropped", INTEGER, "Leads who came so far and no further, until now"),
    figure(
        "top_drop_reason",
        TEXT,
        "What most of them stopped for: a rule or code of a reason, and what it means; CANCELLED, WAITING (nothing "
        "ended it)",
        reasons(pl.col("top_drop_reason")),
    ),
)

REPORT = Report(
    name="funnel-report",
    title="Funnel",
    family="analysis",
    grain="one row a step on the way to a loan; of all leads, then of their parts. Visits are those that the pages "
    "told of, of every channel: one person may come by several, another by none, and only the link is known",
    filtered_on="the day of the visit, and the day the customer first gave their phone; all that came of them until "
    "now counts",
    order="whole first; steps in their order",
    columns=COLUMNS,
    sources={"visits": _VISITS, "leads": rows(CUSTOMERS, _LEADS, where=CAME, order="c.id")},
    build=build,
    grouping=cuts.grouping(PARTS),
    charts=(
        Chart(
            title="Visits, and leads who came so far",
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
