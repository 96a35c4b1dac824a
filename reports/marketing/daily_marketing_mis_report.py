"""The leads of each day and where they stand, and beside each day the month up to it."""

from collections.abc import Mapping

import polars as pl

from pipelines.money import MONEY as AMOUNT
from reports.base import Report, Total
from reports.columns import shared
from reports.facts import CUSTOMERS, rows
from reports.figures import figure
from reports.kinds import INTEGER, MONEY
from reports.totals import count

_LEADS = shared("""
    lead_id=customer_id lead_date domain application_no=loan_no customer_name mobile
    profession=employment_type lead_status residence_state residence_pincode sanctioned_amount
    net_disbursed_amount disbursed_date reject_date=rejection_date rejected_remarks=rejection_remarks
    fresh_repeat
""")

CAME = "c.created_at >= %(from_at)s AND c.created_at < %(until_at)s"
_OF_MONTHS = """c.created_at < %(until_at)s
    AND c.created_at >= date_trunc('month', %(from_date)s::timestamp) AT TIME ZONE 'Asia/Kolkata'"""
_SANCTIONED = pl.col("lead_status").is_in(["SANCTIONED", "DISBURSED"])
_DISBURSED = pl.col("lead_status") == "DISBURSED"
STATUSES = ("IN PROCESS", "SANCTIONED", "DISBURSED", "REJECTED")


def _name(status: str) -> str:
    return status.lower().replace(" ", "_")


_COUNTED = {
    "leads": (pl.len().cast(pl.Int64), "leads"),
    **{
        _name(status): ((pl.col("lead_status") == status).sum().cast(pl.Int64), status) for status in STATUSES
    },
}
_AMOUNTS = {
    "sanctioned_amount": (
        pl.col("sanctioned_amount").filter(_SANCTIONED).sum(),
        "sanctioned amount of those that are SANCTIONED or DISBURSED",
    ),
    "net_disbursed_amount": (
        pl.col("net_disbursed_amount").filter(_DISBURSED).sum(),
        "amount paid out to those that are DISBURSED",
    ),
}
_FIGURES = {name: value for name, (value, _) in (_COUNTED | _AMOUNTS).items()}


def build(frames: Mapping[str, pl.LazyFrame]) -> pl.LazyFrame:
    """Each lead with what came in its month until the end of its day."""
    days = frames["months"].group_by("lead_date").agg(value.alias(name) for name, value in _FIGURES.items())
    month = pl.col("lead_date").dt.truncate("1mo")
    to_date = days.sort("lead_date").select(
        "lead_date", *(pl.col(name).cum_sum().over(month).alias(f"mtd_{name}") for name in _FIGURES)
    )
    return frames["customers"].join(to_date, on="lead_date", how="left", maintain_order="left")


COLUMNS = (
    *_LEADS,
    *(
        figure(f"mtd_{name}", INTEGER, f"Month to date, that day too: {what}")
        for name, (_, what) in _COUNTED.items()
    ),
    *(
        figure(
            f"mtd_{name}", MONEY, f"Month to date, that day too: {what}", pl.col(f"mtd_{name}").cast(AMOUNT)
        )
        for name, (_, what) in _AMOUNTS.items()
    ),
)

REPORT = Report(
    name="daily-marketing-mis-report",
    title="Daily MIS of marketing",
    family="marketing",
    grain="one row a customer, with the latest loan",
    filtered_on="the day the customer first gave their phone; what is month to date counts from the first of the month",
    order="latest customer first",
    columns=COLUMNS,
    sources={
        "customers": rows(CUSTOMERS, _LEADS, where=CAME, order="c.created_at DESC, c.id DESC"),
        "months": rows(
            CUSTOMERS,
            shared("lead_date lead_status sanctioned_amount net_disbursed_amount"),
            where=_OF_MONTHS,
        ),
    },
    build=build,
    totals=(
        count("leads"),
        Total("count_by_lead_status", pl.len(), by="lead_status"),
        *(Total(f"{name}_by_lead_date", value, by="lead_date") for name, value in _FIGURES.items()),
        *(
            Total(f"mtd_{name}_by_lead_date", pl.col(f"mtd_{name}").first(), by="lead_date")
            for name in _FIGURES
        ),
    ),
)
