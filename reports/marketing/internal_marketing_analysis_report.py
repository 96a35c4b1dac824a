"""What each way of finding customers is worth: the funnel and the money of the leads of each month, group by group."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import MONEY as AMOUNT
from pipelines.money import mean_money, percent
from reports.base import Grouping, Report, Total
from reports.columns import shared
from reports.columns.expressions import reasons
from reports.facts import CUSTOMERS, rows
from reports.figures import figure, valued
from reports.kinds import CHOICE, INTEGER, MONEY, PERCENT, TEXT
from reports.marketing.advertising import SPENT, parts
from reports.marketing.affiliates import COST
from reports.marketing.daily_marketing_mis_report import CAME

LEADS = (
    COST,
    *shared("""
    customer_id lead_date utm_source utm_campaign domain residence_state city_tier device monthly_income
    salary_band credit_score otp_verified personal_done employment_done bank_done onboarding_completed applied
    bre_outcome approved esigned disbursed_loans won_amount matured_loans fpd7_loans revenue
    first_rejected_for hours_to_disbursal
"""),
)

# what leads are grouped by, and the column that tells it
GROUPS = {
    "source": "utm_source",
    "campaign": "utm_campaign",
    "domain": "domain",
    "state": "residence_state",
    "city_tier": "city_tier",
    "device": "device",
    "salary_band": "salary_band",
}
# the days are many: for who asks for them
PERIODS = {"": "%Y-%m", "_by_day": "%Y-%m-%d"}
BY_MONTH, BY_DAY = (tuple(f"{name}{each}" for name in GROUPS) for each in PERIODS)
STEPS = {
    "leads": (pl.col("customer_id").is_not_null(), "Customers who gave their phone"),
    "otp_verified": (pl.col("otp_verified"), "Verified it"),
    "personal_done": (pl.col("personal_done"), "PAN and Aadhaar verified"),
    "employment_done": (pl.col("employment_done"), "Employer known"),
    "bank_done": (pl.col("bank_done"), "Bank account verified"),
    "onboarding_completed": (pl.col("onboarding_completed"), "On-boarding completed"),
    "applied": (pl.col("applied"), "Applied for a loan"),
    "bre_pass": (pl.col("bre_outcome") == "APPROVE", "First approved by the rules"),
    "bre_refer": (pl.col("bre_outcome") == "REFER", "First referred by the rules"),
    "bre_reject": (pl.col("bre_outcome") == "REJECT", "First rejected by the rules"),
    "approved": (pl.col("approved"), "Sanctioned"),
    "esigned": (pl.col("esigned"), "Signed"),
    "disbursed": (pl.col("disbursed_loans") > 0, "Paid out"),
    "rejected": (pl.col("first_rejected_for").is_not_null(), "Rejected at least once"),
    "repeated": (pl.col("disbursed_loans") > 1, "Paid out more than once"),
}
# what each step's share is counted of
_AFTER = {
    "otp_verified": "leads",
    "personal_done": "otp_verified",
    "employment_done": "personal_done",
    "bank_done": "employment_done",
    "onboarding_completed": "bank_done",
    "applied": "onboarding_completed",
    "approved": "applied",
    "esigned": "approved",
    "disbursed": "esigned",
}


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """The leads and what was spent once by each group and month, and once by each group and day."""
    leads, spent = valued(frames["leads"], LEADS), frames["spent"]
    return pl.concat(
        _grouped(_within(leads, "lead_date", written), _within(spent, "day", written), name + each, key)
        for each, written in PERIODS.items()
        for name, key in GROUPS.items()
    )


def _within(rows: pl.LazyFrame, day: str, written: str) -> pl.LazyFrame:
    return rows.with_columns(pl.col(day).dt.strftime(written).alias("period"))


def _grouped(leads: pl.LazyFrame, spent: pl.LazyFrame, name: str, key: str) -> pl.LazyFrame:
    counted = leads.group_by(pl.col(key).fill_null("").alias("group_key"), "period").agg(
        *(holds.fill_null(False).sum().alias(step) for step, (holds, _) in STEPS.items()), *_MONEY
    )
    paid_for = parts(spent, leads, key)
    return (
        counted.join(paid_for, on=("group_key", "period"), how="full", coalesce=True)
        .with_columns(pl.col(number).fill_null(0) for number in (*_ADDED, "advertising"))
        .select(
            pl.lit(name).alias("group_by"),
            pl.all().exclude("advertising"),
            (pl.col("affiliate_cost") + pl.col("advertising")).alias("spend"),
        )
        .sort("period", "leads", "group_key", descending=[False, True, False])
    )


_REASON = pl.col("first_rejected_for").drop_nulls()
_MONEY = (
    pl.col("won_amount").sum().cast(AMOUNT).alias("disbursed_amount"),
    pl.col("disbursed_loans").sum(),
    pl.col("monthly_income").sum().alias("income"),
    pl.col("monthly_income").count().alias("incomes"),
    pl.col("credit_score").mean().round().alias("avg_score"),
    _REASON.mode().sort().first().alias("top_reject_reason"),
    pl.col("hours_to_disbursal").mean().round().alias("avg_lead_to_disb_hours"),
    pl.col("revenue").sum(),
    pl.col(COST.name).sum(),
    pl.col("matured_loans").sum(),
    pl.col("fpd7_loans").sum(),
)
# nothing of a group that nobody came by
_ADDED = (*STEPS, "disbursed_amount", "disbursed_loans", "revenue", COST.name, "matured_loans", "fpd7_loans")

COLUMNS = (
    figure(
        "group_by", CHOICE, f"What the leads are grouped by: {', '.join(BY_MONTH)}; the same with _by_day"
    ),
    figure("group_key", TEXT, "Its value; empty where it is not known"),
    figure("period", TEXT, "Month in which they came, YYYY-MM; the day, YYYY-MM-DD, of groups by day"),
    *(figure(name, INTEGER, meaning) for name, (_, meaning) in STEPS.items()),
    figure("disbursed_amount", MONEY, "Principal of all their loans that were paid out"),
    *(
        figure(
            f"{step}_pct", PERCENT, f"{step} in percent of {before}", percent(pl.col(step), pl.col(before))
        )
        for step, before in _AFTER.items()
    ),
    figure(
        "lead_to_disb_pct",
        PERCENT,
        "disbursed in percent of leads",
        percent(pl.col("disbursed"), pl.col("leads")),
    ),
    figure(
        "approval_pct",
        PERCENT,
        "approved in percent of approved and rejected",
        percent(pl.col("approved"), pl.col("approved") + pl.col("rejected")),
    ),
    figure(
        "avg_ticket",
        MONEY,
        "Principal of a loan that was paid out, on average",
        mean_money(pl.col("disbursed_amount"), pl.col("disbursed_loans")),
    ),
    figure(
        "avg_salary", MONEY, "Monthly income, on average", mean_money(pl.col("income"), pl.col("incomes"))
    ),
    figure("avg_score", INTEGER, "Bureau score, on average"),
    figure(
        "top_reject_reason",
        TEXT,
        "What most were first rejected for: a rule or code of a reason, and what it means",
        reasons(pl.col("top_reject_reason")),
    ),
    figure("avg_lead_to_disb_hours", INTEGER, "Hours from the phone to the first credit, on average"),
    figure(
        "spend",
        MONEY,
        "What was told to be spent on advertising in the period, and what affiliates are to get for the leads and "
        "loans, before what is taken back. Advertising is paid by source and campaign: any other group has the part of "
        "its leads, by their number, and what brought nobody has no key",
    ),
    figure("cpl", MONEY, "spend for each lead", mean_money(pl.col("spend"), pl.col("leads"))),
    figure(
        "cac",
        MONEY,
        "spend for each customer who was paid out",
        mean_money(pl.col("spend"), pl.col("disbursed")),
    ),
    figure("revenue", MONEY, "Fees, interest, penal and other charges booked on their loans"),
    figure("matured_loans", INTEGER, "Their loans whose due date is 7 days past"),
    figure("fpd7_loans", INTEGER, "Of them, those on which something was owed then"),
    figure(
        "fpd7_pct",
        PERCENT,
        "fpd7_loans in percent of matured_loans",
        percent(pl.col("fpd7_loans"), pl.col("matured_loans")),
    ),
    figure(
        "repeat_pct",
        PERCENT,
        "Paid out more than once, in percent of those paid out",
        percent(pl.col("repeated"), pl.col("disbursed")),
    ),
)

_SUMMED = (*STEPS, "disbursed_amount", "revenue", "spend", "matured_loans", "fpd7_loans")


def _sum(name: str) -> pl.Expr:
    """Each lead stands once in every kind of group."""
    return pl.col(name).filter(pl.col("group_by") == "source").sum()


REPORT = Report(
    name="internal-marketing-analysis-report",
    title="Marketing by group",
    family="marketing",
    grain="one row a group of leads and month, or day where such a group is chosen; each lead stands once in "
    "every kind of group",
    filtered_on="the day the customer first gave their phone, all that came of them until now counts; and the day of "
    "the advertising",
    order="kind of group, oldest month first, most leads first",
    columns=COLUMNS,
    sources={"leads": rows(CUSTOMERS, LEADS, where=CAME, order="c.id"), "spent": SPENT},
    build=build,
    grouping=Grouping("group_by", BY_MONTH, finer=BY_DAY),
    totals=(
        *(Total(name, _sum(name)) for name in _SUMMED),
        *(Total(f"{step}_pct", percent(_sum(step), _sum(before))) for step, before in _AFTER.items()),
        Total("lead_to_disb_pct", percent(_sum("disbursed"), _sum("leads"))),
        Total("approval_pct", percent(_sum("approved"), _sum("approved") + _sum("rejected"))),
        Total("cpl", mean_money(_sum("spend"), _sum("leads"))),
        Total("cac", mean_money(_sum("spend"), _sum("disbursed"))),
        Total("fpd7_pct", percent(_sum("fpd7_loans"), _sum("matured_loans"))),
        Total("repeat_pct", percent(_sum("repeated"), _sum("disbursed"))),
    ),
)
