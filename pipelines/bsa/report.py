"""The bank statement report: what a loan executive reads, as plain JSON-able values (money as strings)."""

from collections.abc import Iterable
from typing import Any

import polars as pl

from pipelines.aa import AccountProfile
from pipelines.bsa.balances import average_balance
from pipelines.bsa.features import Banking
from pipelines.bsa.insights import insight_frames, insights
from pipelines.frames import CREDIT, DEBIT
from pipelines.scalars import plain

BsaReport = dict[str, Any]

BALANCE_DAYS = (1, 5, 10, 15, 20, 25)
WARNINGS_MAX = 50

_ID = "statement_id"
_LOAN_CREDITS = ("PAYDAY_LOAN_CREDIT", "LOAN_CREDIT")


def build_report(banking: Banking, statement_id: str, profiles: Iterable[AccountProfile] = ()) -> BsaReport:
    """The report of one statement out of the frames of any number of them."""
    frames = _collect(banking, statement_id)
    return {
        "as_of": banking.as_of.isoformat(),
        "accounts": _accounts(frames["transactions"], profiles),
        "period": _period(frames["transactions"]),
        "months": plain(frames["months"].rows(named=True)),
        "salaries": plain(frames["salaries"].rename({"paid_on": "date"}).rows(named=True)),
        "obligations": _obligations(frames["obligations"], frames["obligations_by_month"]),
        "loan_credits": plain(frames["loan_credits"].rows(named=True)),
        "bounces": plain(frames["bounces"].rows(named=True)),
        "balances": _balances(frames["days"]),
        "categories": plain(frames["categories"].rows(named=True)),
        **plain(insights(frames)),
        "warnings": _warnings(frames["transactions"], frames["broken"]),
    }


def _collect(banking: Banking, statement_id: str) -> dict[str, pl.DataFrame]:
    """Every frame that the report needs, cut to one statement and computed together."""
    lazy = {
        "transactions": banking.transactions,
        "months": _months(banking),
        "salaries": banking.salaries,
        "obligations": banking.obligations,
        "obligations_by_month": banking.obligations_by_month,
        "loan_credits": _loan_credits(banking.transactions),
        "bounces": _bounces(banking.bounce_rows),
        "days": _days(banking.end_of_day),
        "categories": _categories(banking.transactions),
        "broken": banking.day_balances.filter("broken"),
        **insight_frames(banking),
    }
    wanted = [frame.filter(pl.col(_ID) == statement_id).drop(_ID) for frame in lazy.values()]
    return dict(zip(lazy, pl.collect_all(wanted), strict=True))


def _months(banking: Banking) -> pl.LazyFrame:
    amount, side, category = pl.col("amount"), pl.col("side"), pl.col("category")

    def total(condition: pl.Expr) -> pl.Expr:
        return amount.filter(condition).sum()

    rows = banking.transactions.with_columns(month=_month("txn_on"))
    moved = rows.group_by(_ID, "month").agg(
        credits=total(side == CREDIT),
        debits=total(side == DEBIT),
        credit_count=(side == CREDIT).sum(),
        debit_count=(side == DEBIT).sum(),
        emi=total((category == "EMI") & ~pl.col("returned")),
        cash_deposits=total(category == "CASH_DEPOSIT"),
        cash_withdrawals=total(category == "CASH_WITHDRAWAL"),
        loan_credits=total(category.is_in(_LOAN_CREDITS)),
        bounce_charges=total(category == "BOUNCE_CHARGE"),
    )
    salary = banking.salaries.group_by(_ID, month=_month("paid_on")).agg(salary=pl.col("amount").sum())
    bounces = (
        banking.bounce_rows.filter("counted")
        .group_by(_ID, month=_month("txn_on"))
        .agg(inward_bounces=pl.len())
    )
    return (
        moved.join(salary, on=[_ID, "month"], how="left")
        .join(bounces, on=[_ID, "month"], how="left")
        .with_columns(pl.col("salary", "inward_bounces").fill_null(0))
        .join(_month_balances(banking.end_of_day), on=[_ID, "month"], how="left")
        .sort(_ID, "month")
    )


def _month(column: str) -> pl.Expr:
    return pl.col(column).dt.strftime("%Y-%m")


def _days(end_of_day: pl.LazyFrame) -> pl.LazyFrame:
    """End-of-day balances with all accounts added up."""
    return end_of_day.group_by(_ID, "day").agg(pl.col("balance").sum()).sort(_ID, "day")


def _month_balances(end_of_day: pl.LazyFrame) -> pl.LazyFrame:
    by_month = end_of_day.with_columns(month=_month("day"))
    balance, day = pl.col("balance"), pl.col("day").dt.day()
    extremes = (
        _days(end_of_day)
        .with_columns(month=_month("day"))
        .group_by(_ID, "month")
        .agg(
            minimum_balance=balance.min(),
            maximum_balance=balance.max(),
            closing_balance=balance.sort_by("day").last(),
            **{f"balance_on_{number}": balance.filter(day == number).first() for number in BALANCE_DAYS},
        )
    )
    return average_balance(by_month, "month").join(extremes, on=[_ID, "month"])


def _categories(transactions: pl.LazyFrame) -> pl.LazyFrame:
    return (
        transactions.group_by(_ID, "category", "side")
        .agg(count=pl.len(), amount=pl.col("amount").sum())
        .sort(_ID, "side", pl.col("amount"), "category", descending=[False, False, True, False])
    )


def _loan_credits(transactions: pl.LazyFrame) -> pl.LazyFrame:
    return (
        transactions.filter(pl.col("category").is_in(_LOAN_CREDITS))
        .select(_ID, "txn_id", "amount", "category", date="txn_on", lender=pl.col("party"))
        .sort(_ID, "date", "txn_id")
    )


def _bounces(bounce_rows: pl.LazyFrame) -> pl.LazyFrame:
    """One line per bounce: the return where there is one (it knows amount and payee), else its charge."""
    episode = [_ID, "account_ref", "episode"]
    sources = bounce_rows.group_by(episode).agg(txn_ids=pl.col("txn_id").sort_by("txn_at", "txn_id"))
    return (
        bounce_rows.filter("counted")
        .join(sources, on=episode)
        .select(
            _ID,
            date="txn_on",
            evidence="category",
            amount=pl.when(pl.col("category") != "BOUNCE_CHARGE").then("amount"),
            payee=pl.when(pl.col("category") != "BOUNCE_CHARGE").then("party"),
            reason="reason",
            txn_ids="txn_ids",
        )
        .sort(_ID, "date", "amount")
    )


def _accounts(transactions: pl.DataFrame, profiles: Iterable[AccountProfile]) -> list[dict[str, Any]]:
    """Profiles as the banks state them; without any, the accounts that the transactions speak of."""
    known = {profile.account_ref: profile for profile in profiles}
    if not known:
        return [{"account_ref": ref} for ref in transactions["account_ref"].unique().sort()]
    return [
        {
            "account_ref": profile.account_ref,
            "masked_number": profile.masked_number,
            "ifsc": profile.ifsc,
            "account_type": profile.account_type,
            "status": profile.status,
            "holders": [holder.name for holder in profile.holders],
            "current_balance": plain(profile.current_balance),
        }
        for profile in known.values()
    ]


def _period(transactions: pl.DataFrame) -> dict[str, Any] | None:
    if transactions.is_empty():
        return None
    start, end = transactions["txn_on"].min(), transactions["txn_on"].max()
    days = (end - start).days + 1
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "days": days,
        "transactions": transactions.height,
    }


def _obligations(lenders: pl.DataFrame, by_month: pl.DataFrame) -> list[dict[str, Any]]:
    months: dict[str, list[dict[str, str]]] = {}
    for line in by_month.iter_rows(named=True):
        month = {"month": line["month"].strftime("%Y-%m"), "amount": str(line["amount"])}
        months.setdefault(line["party_key"], []).append(month)
    return plain([line | {"months": months[line.pop("party_key")]} for line in lenders.rows(named=True)])


def _balances(days: pl.DataFrame) -> dict[str, Any]:
    """Extremes over the whole statement and the daily series for the chart."""
    if days.is_empty():
        return {"minimum": None, "maximum": None, "closing": None, "daily": []}
    balance = days["balance"]
    return plain(
        {
            "minimum": balance.min(),
            "maximum": balance.max(),
            "closing": balance[-1],
            "daily": [{"date": day, "balance": amount} for day, amount in days.iter_rows()],
        }
    )


def _warnings(transactions: pl.DataFrame, broken: pl.DataFrame) -> list[dict[str, Any]]:
    found = [
        {
            "code": "BALANCE_BROKEN",
            "account_ref": line["account_ref"],
            "date": line["txn_on"].isoformat(),
            "message": "The running balance does not follow from the amounts.",
        }
        for line in broken.sort("account_ref", "txn_on").head(WARNINGS_MAX).iter_rows(named=True)
    ]
    missing = transactions["balance"].null_count()
    if missing:
        found.append({"code": "BALANCE_MISSING", "message": f"{missing} transactions state no balance."})
    if transactions.is_empty():
        found.append({"code": "NO_TRANSACTIONS", "message": "The statement has no transactions."})
    return found
