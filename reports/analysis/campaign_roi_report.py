"""What each campaign cost and brought: visits, leads, loans, income, and what is at risk."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import mean_money, percent
from reports.base import Column, Report, Source
from reports.charts import Chart
from reports.columns import shared
from reports.facts import CUSTOMERS, rows
from reports.figures import figure
from reports.kinds import INTEGER, MONEY, PERCENT, TEXT
from reports.marketing.affiliates import COST
from reports.marketing.daily_marketing_mis_report import CAME
from reports.totals import sums

_KEY = ("utm_source", "utm_campaign")
_LEADS = (
    *shared("customer_id utm_source utm_campaign applied approved disbursed_loans won_amount revenue"),
    Column(
        "at_risk", MONEY, "Principal of loans 90 days late, or written off", "coalesce(won.amount_at_risk, 0)"
    ),
    COST,
)
_VISITED = Source(
    """SELECT k.utm_source, k.utm_campaign, count(*) AS clicks FROM click k
    WHERE k.brand_id = %(brand_id)s AND k.created_at >= %(from_at)s AND k.created_at < %(until_at)s GROUP BY 1, 2""",
    (
        Column("utm_source", TEXT, "utm_source of the visit"),
        Column("utm_campaign", TEXT, "utm_campaign of the visit"),
        Column("clicks", INTEGER, "Visits"),
    ),
)
_COUNTED = {
    "leads": pl.len(),
    "applications": pl.col("applied").sum(),
    "approved": pl.col("approved").sum(),
    "disbursed": (pl.col("disbursed_loans") > 0).sum(),
    "disbursed_amount": pl.col("won_amount").sum(),
    "revenue": pl.col("revenue").sum(),
    "at_risk": pl.col("at_risk").sum(),
    "affiliate_payout": pl.col(COST.name).sum(),
}


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Visits and those who came of them, by source and campaign."""
    leads = frames["leads"].group_by(_KEY).agg(value.alias(name) for name, value in _COUNTED.items())
    both = frames["visits"].join(leads, on=_KEY, how="full", coalesce=True, nulls_equal=True)
    numbers = ("clicks", *_COUNTED)
    return both.with_columns(pl.col(name).fill_null(0) for name in numbers).sort(
        "revenue", *_KEY, descending=[True, False, False], nulls_last=True
    )


_COST = pl.col("affiliate_payout")

COLUMNS = (
    figure("utm_source", TEXT, "Source: utm_source of the visit that brought the customer last"),
    figure("utm_campaign", TEXT, "Campaign: its utm_campaign"),
    figure("clicks", INTEGER, "Visits in the days"),
    figure("leads", INTEGER, "Customers who came in the days"),
    figure("applications", INTEGER, "Of them, applied"),
    figure("approved", INTEGER, "Sanctioned"),
    figure("disbursed", INTEGER, "Paid out"),
    figure(
        "click_to_lead_pct", PERCENT, "leads in percent of clicks", percent(pl.col("leads"), pl.col("clicks"))
    ),
    figure(
        "lead_to_disb_pct",
        PERCENT,
        "disbursed in percent of leads",
        percent(pl.col("disbursed"), pl.col("leads")),
    ),
    figure("disbursed_amount", MONEY, "Principal of all their loans that were paid out"),
    figure("revenue", MONEY, "Fees, interest, penal and other charges booked on them"),
    figure("at_risk", MONEY, "Principal of those that are over 90 days late, or written off"),
    figure(
        "affiliate_payout",
        MONEY,
        "What affiliates are to get for the leads and their loans, before what is taken back: the known cost",
    ),
    figure("cost_per_lead", MONEY, "affiliate_payout for each lead", mean_money(_COST, pl.col("leads"))),
    figure(
        "cost_per_disbursal",
        MONEY,
        "affiliate_payout for each customer paid out",
        mean_money(_COST, pl.col("disbursed")),
    ),
    figure(
        "roi_pct",
        PERCENT,
        "Revenue less what is at risk and the cost, in percent of the cost; empty where none is known",
        percent(pl.col("revenue") - pl.col("at_risk") - _COST, _COST),
    ),
)

REPORT = Report(
    name="campaign-roi-report",
    title="Return on campaigns",
    family="analysis",
    grain="one row a source and campaign",
    filtered_on="the day of the visit, and the day the customer first gave their phone; all that came of them until "
    "now counts",
    order="most revenue first",
    columns=COLUMNS,
    sources={"visits": _VISITED, "leads": rows(CUSTOMERS, _LEADS, where=CAME, order="c.id")},
    build=build,
    charts=(
        Chart(
            title="Revenue and known cost by campaign, rupees",
            x="utm_campaign",
            y=("revenue", "affiliate_payout", "at_risk"),
        ),
    ),
    totals=sums("clicks", *_COUNTED),
)
