"""The credit desk: what each executive was given, what they made of it, and how long it took."""

import polars as pl

from pipelines.money import mean_money, percent
from reports.base import Report, Total
from reports.columns import shared
from reports.facts import ALLOTMENTS, rows
from reports.totals import count, person, sums

COLUMNS = shared("""
    customer_id loan_no customer_name credit_executive=allotted_to credit_executive_email=allotted_to_email
    reporting_manager allotted_at allocation_type fresh_repeat source=marketing_source
    loan_applied=applied_amount monthly_income credit_score status decision decision_at first_action_at
    first_action_tat_min decision_tat_min recommended_amount final_sanctioned_amount sanction_outcome
    disbursed=is_disbursed disbursed_amount rejection_reason send_backs transferred_from ageing_hours fpd7
""")


def _decided(*decisions: str) -> pl.Expr:
    return pl.col("decision").is_in(decisions).sum()


def _by_executive(name: str, value: pl.Expr) -> Total:
    return Total(f"{name}_by_executive", value, by=person("credit_executive"))


_TAKEN = pl.col("decision_tat_min")
_OWN = pl.col("fpd7").filter(pl.col("decision") == "APPROVED")
_FPD7 = percent(_OWN.sum(), _OWN.count())

REPORT = Report(
    name="credit-executive-allocation-report",
    title="Credit desk by executive",
    family="collection",
    grain="one row each time an application was given to a credit executive",
    filtered_on="the day it was given",
    order="latest first",
    columns=COLUMNS,
    sources={
        "allotments": rows(
            ALLOTMENTS,
            COLUMNS,
            where="a.kind = 'CREDIT' AND a.created_at >= %(from_at)s AND a.created_at < %(until_at)s",
            order="a.created_at DESC, a.id DESC",
        )
    },
    totals=(
        count("allotted"),
        *sums("disbursed_amount"),
        Total("count_by_decision", pl.len(), by="decision"),
        _by_executive("allotted", pl.len()),
        _by_executive("picked", pl.col("first_action_at").count()),
        _by_executive("pending", _decided("PENDING")),
        _by_executive("approved", _decided("APPROVED")),
        _by_executive("rejected", _decided("REJECTED")),
        _by_executive("approval_pct", percent(_decided("APPROVED"), _decided("APPROVED", "REJECTED"))),
        _by_executive("disbursed", pl.col("disbursed").sum()),
        _by_executive("disbursed_amount", pl.col("disbursed_amount").sum()),
        _by_executive("conversion_pct", percent(pl.col("disbursed").sum(), pl.len())),
        _by_executive("average_tat_min", mean_money(_TAKEN.sum(), _TAKEN.count())),
        _by_executive("p50_tat_min", _TAKEN.quantile(0.5, "higher").cast(pl.Int64)),
        _by_executive("p90_tat_min", _TAKEN.quantile(0.9, "higher").cast(pl.Int64)),
        Total("fpd7_pct", _FPD7),
        _by_executive("fpd7_pct", _FPD7),
    ),
)
