"""What a person reads of a bureau report: its sums, and its accounts one by one. Plain JSON-able values."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from pipelines.bureau.report import BureauReport
from pipelines.dates import months_before
from pipelines.scalars import plain

_SUMS = ("sanctioned", "outstanding", "overdue")
_DAYS = {"enquiries_30d": 30, "enquiries_90d": 90, "enquiries_12m": 365}
_LATE_MONTHS = {"worst_days_past_due_12m": 12, "worst_days_past_due_36m": 36}


def bureau_summary(report: BureauReport, as_of: date) -> dict[str, Any]:
    """Outcome, counts, sums (money as text, missing amounts left out) and dates of one report."""
    accounts, history, enquiries = pl.collect_all([report.accounts, report.history, report.enquiries])
    closed = accounts["closed_on"].is_not_null()
    return plain(
        {
            "outcome": report.outcome,
            "account_count": accounts.height,
            "closed_account_count": int(closed.sum()),
            "overdue_account_count": int((accounts["overdue"] > 0).sum()),
            **{name: accounts[name].sum() for name in _SUMS},
            "oldest_opened_on": accounts["opened_on"].min(),
            "newest_opened_on": accounts["opened_on"].max(),
            "conditions": dict(accounts["condition"].drop_nulls().value_counts().rows()),
            "products": dict(accounts["product"].value_counts(sort=True).rows()),
            **{name: _worst(history, as_of, months) for name, months in _LATE_MONTHS.items()},
            "enquiry_count": enquiries.height,
            **{name: _enquired(enquiries, as_of, days) for name, days in _DAYS.items()},
            "warnings": list(report.warnings),
        }
    )


def _worst(history: pl.DataFrame, as_of: date, months: int) -> int | None:
    recent = history.filter(pl.col("month") > months_before(as_of, months), pl.col("month") <= as_of)
    return recent["days_past_due"].max()


def _enquired(enquiries: pl.DataFrame, as_of: date, days: int) -> int:
    return enquiries.filter(pl.col("enquired_on").is_between(as_of - timedelta(days=days), as_of)).height


def bureau_details(report: BureauReport) -> dict[str, Any]:
    """Accounts with their payment history (newest month first), enquiries and identities."""
    frames = (report.accounts, report.history, report.enquiries, report.identities)
    accounts, history, enquiries, identities = pl.collect_all([frame.drop("report_id") for frame in frames])
    months: dict[str, list[dict[str, Any]]] = {}
    for month in history.rows(named=True):
        months.setdefault(month.pop("account_id"), []).append(month)
    listed = [
        account | {"history": months.get(account["account_id"], [])} for account in accounts.rows(named=True)
    ]
    return plain({"accounts": listed, "enquiries": enquiries.to_dicts(), "identities": identities.to_dicts()})
