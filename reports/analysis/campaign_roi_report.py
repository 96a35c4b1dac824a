"""What each campaign cost and brought: visits, leads, loans, income, and what is at risk."""

from collections.abc import Callable, Mapping

import polars as pl

from pipelines.money import mean_money, percent
from reports.base import Column, Report, Source, Total
from reports.charts import Chart
from reports.columns import shared
from reports.facts import CUSTOMERS, rows
from reports.figures import figure
from reports.kinds import INTEGER, MONEY, PERCENT, TEXT
from reports.marketing.advertising import BOUGHT, SPENT
from reports.marketing.affiliates import COST
from reports.marketing.daily_marketing_mis_report import CAME
from reports.totals import sums

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
    """Visits, those who came of them, and what was spent, by source and campaign."""
    leads = frames["leads"].group_by(BOUGHT).agg(value.alias(name) for name, value in _COUNTED.items())
    spent = frames["spent"].group_by(BOUGHT).agg(pl.col("advertising").sum())
    every = {"on": BOUGHT, "how": "full", "coalesce": True, "nulls_equal": True}
    return (
        frames["visits"]
        .join(leads, **every)
        .join(spent, **every)
        .with_columns(pl.col(name).fill_null(0) for name in _NUMBERS)
        .with_columns((pl.col("affiliate_payout") + pl.col("advertising")).alias("spend"))
        .sort("revenue", *BOUGHT, descending=[True, False, False], nulls_last=True)
    )


_NUMBERS = ("clicks", *_COUNTED, "advertising")


def _ratios(of: Callable[[str], pl.Expr]) -> dict[str, pl.Expr]:
    """Of the columns of a row, or of their sums."""
    return {
        "click_to_lead_pct": percent(of("leads"), of("clicks")),
        "lead_to_disb_pct": percent(of("disbursed"), of("leads")),
        "cost_per_lead": mean_money(of("spend"), of("leads")),
        "cost_per_disbursal": mean_money(of("spend"), of("disbursed")),
        "roi_pct": percent(of("revenue") - of("at_risk") - of("spend"), of("spend")),
    }


_OF_ROW, _OF_ALL = _ratios(pl.col), _ratios(lambda name: pl.col(name).sum())

COLUMNS = (
    figure("utm_source", TEXT, "Source: utm_source of the visit that brought the customer last"),
    figure("utm_campaign", TEXT, "Campaign: its utm_campaign"),
    figure("clicks", INTEGER, "Visits in the days"),
    figure("leads", INTEGER, "Customers who came in the days"),
    figure("applications", INTEGER, "Of them, applied"),
    figure("approved", INTEGER, "Sanctioned"),
    figure("disbursed", INTEGER, "Paid out"),
    figure("click_to_lead_pct", PERCENT, "leads in percent of clicks", _OF_ROW["click_to_lead_pct"]),
    figure("lead_to_disb_pct", PERCENT, "disbursed in percent of leads", _OF_ROW["lead_to_disb_pct"]),
    figure("disbursed_amount", MONEY, "Principal of all their loans that were paid out"),
    figure("revenue", MONEY, "Fees, interest, penal and other charges booked on them"),
    figure("at_risk", MONEY, "Principal of those that are over 90 days late, or written off"),
    figure("advertising", MONEY, "What was told to be spent on it in the days"),
    figure(
        "affiliate_payout",
        MONEY,
        "What affiliates are to get for the leads and their loans, before what is taken back",
    ),
    figure("spend", MONEY, "Both: the known cost"),
    figure("cost_per_lead", MONEY, "spend for each lead", _OF_ROW["cost_per_lead"]),
    figure("cost_per_disbursal", MONEY, "spend for each customer paid out", _OF_ROW["cost_per_disbursal"]),
    figure(
        "roi_pct",
        PERCENT,
        "Revenue less what is at risk and the spend, in percent of the spend; empty where none is known",
        _OF_ROW["roi_pct"],
    ),
)

REPORT = Report(
    name="campaign-roi-report",
    title="Return on campaigns",
    family="analysis",
    grain="one row a source and campaign",
    filtered_on="the day of the visit, the day of the advertising, and the day the customer first gave their phone; "
    "all that came of them until now counts",
    order="most revenue first",
    columns=COLUMNS,
    sources={
        "visits": _VISITED,
        "leads": rows(CUSTOMERS, _LEADS, where=CAME, order="c.id"),
        "spent": SPENT,
    },
    build=build,
    charts=(
        Chart(
            title="Revenue and known cost by campaign, rupees",
            x="utm_campaign",
            y=("revenue", "spend", "at_risk"),
        ),
    ),
    totals=(
        *sums(*_NUMBERS, "spend"),
        *(Total(name, value) for name, value in _OF_ALL.items()),
    ),
)
