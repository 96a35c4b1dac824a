"""What the report says beyond months and balances: who pays and how steadily, what is spent on, what stands out."""

from typing import Any

import polars as pl

from pipelines.bsa.features import Banking
from pipelines.bsa.pay_days import pay_day
from pipelines.bsa.signals import SIGNALS, signal_rows
from pipelines.frames import CREDIT, DEBIT
from pipelines.money import mean_money, percent

CASH_SALARY_MONTHS_MIN = 3
CASH_SALARY_DAYS_MAX = 7  # of the month, between the earliest and the latest
SIGNAL_ROWS_MAX = 25

_ID = "statement_id"
_EMPLOYER = [_ID, "party_key"]

# How money that arrives through a channel is called in the rule dictionary (salary_mode).
_MODE = {"CHEQUE": "CHEQUE", "CASH": "CASH", "ATM": "CASH"}


def insight_frames(banking: Banking) -> dict[str, pl.LazyFrame]:
    """The frames behind `insights`, each with statement_id."""
    return {
        "employers": _employers(banking),
        "cash_salaries": _cash_salaries(banking),
        "spends": _spends(banking.transactions),
        "outward_bounces": _outward_bounces(banking),
        "circles": banking.circles,
        "signals": signal_rows(banking.evidence),
    }


def insights(frames: dict[str, pl.DataFrame]) -> dict[str, Any]:
    """The sections of one statement's report that these frames make."""
    return {
        "employers": [_employer(line) for line in frames["employers"].rows(named=True)],
        "cash_salaries": frames["cash_salaries"].rows(named=True),
        "spends": _by_category(frames["spends"]),
        "outward_bounces": frames["outward_bounces"].rows(named=True),
        "circles": frames["circles"].rows(named=True),
        "signals": _signals(frames["signals"]),
    }


def _employers(banking: Banking) -> pl.LazyFrame:
    """Per employer: the salaries with their spread, and what else it paid (incentives, reimbursements)."""
    rows = banking.salary_rows.with_columns(party_key=pl.col("party_key").fill_null(""))
    amount = pl.col("salary_amount")
    salaries = (
        rows.unique([*_EMPLOYER, "paid_on"], maintain_order=True)
        .group_by(_EMPLOYER, maintain_order=True)
        .agg(
            employer=pl.col("employer").last(),
            channel=pl.col("channel").last(),
            paid_on=pl.col("paid_on"),
            total=amount.sum(),
            smallest=amount.min(),
            largest=amount.max(),
        )
        .with_columns(count=pl.col("paid_on").list.len())
    )
    besides = (
        banking.transactions.filter(pl.col("side") == CREDIT, ~pl.col("returned"))
        .join(rows, on=[_ID, "txn_id"], how="anti")
        .group_by(_EMPLOYER)
        .agg(variable_pay=pl.col("amount").sum())
    )
    average = mean_money(pl.col("total"), pl.col("count"))
    return (
        salaries.join(besides.filter(pl.col("party_key") != ""), on=_EMPLOYER, how="left")
        .with_columns(average=average, variable_pay=pl.col("variable_pay").fill_null(0))
        .with_columns(variance_percent=percent(pl.col("largest") - pl.col("smallest"), pl.col("average")))
        .sort(_ID, "total", descending=[False, True])
        .drop("party_key", "total")
    )


def _employer(line: dict[str, Any]) -> dict[str, Any]:
    mode = _MODE.get(line.pop("channel"), "BANK_TRANSFER")
    return {**line, "mode": mode, "pay_day": pay_day(line["paid_on"])}


def _cash_salaries(banking: Banking) -> pl.LazyFrame:
    """Cash that looks like a salary: about the same amount, about the same day, three months and more."""
    largest = (
        banking.transactions.filter(pl.col("category") == "CASH_DEPOSIT")
        .with_columns(month=pl.col("txn_on").dt.truncate("1mo"))
        .sort("amount", "txn_id", descending=[True, False])
        .unique([_ID, "month"], keep="first", maintain_order=True)
    )
    amount, day = pl.col("amount"), pl.col("txn_on").dt.day()
    return (
        largest.sort("txn_on")
        .group_by(_ID)
        .agg(
            months=pl.len(),
            smallest=amount.min(),
            largest=amount.max(),
            days=day.max() - day.min(),
            paid_on="txn_on",
            txn_ids="txn_id",
        )
        .filter(
            pl.col("months") >= CASH_SALARY_MONTHS_MIN,
            pl.col("days") <= CASH_SALARY_DAYS_MAX,
            pl.col("smallest") * 10 >= pl.col("largest") * 7,
        )
        .drop("days")
    )


def _spends(transactions: pl.LazyFrame) -> pl.LazyFrame:
    spent = transactions.filter(pl.col("side") == DEBIT, ~pl.col("returned"))
    return (
        spent.group_by(_ID, "category", month=pl.col("txn_on").dt.strftime("%Y-%m"))
        .agg(amount=pl.col("amount").sum(), count=pl.len())
        .sort(_ID, "category", "month")
    )


def _by_category(spends: pl.DataFrame) -> list[dict[str, Any]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for line in spends.rows(named=True):
        found.setdefault(line.pop("category"), []).append(line)
    return [{"category": category, "months": months} for category, months in found.items()]


def _outward_bounces(banking: Banking) -> pl.LazyFrame:
    """Cheques of others, paid in, that came back unpaid."""
    returned = banking.transactions.filter(pl.col("category") == "CHEQUE_RETURN_OUTWARD")
    return returned.select(
        _ID, "txn_id", "amount", date="txn_on", narration="text", reason=banking.patterns.reason
    )


def _signals(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The signals with findings, in the order of their table."""
    ids = {code: group["txn_id"].to_list() for (code,), group in rows.group_by("code")}
    return [
        {
            "code": signal.code,
            "kind": signal.kind,
            "message": signal.message,
            "count": len(ids[signal.code]),
            "txn_ids": sorted(ids[signal.code])[:SIGNAL_ROWS_MAX],
        }
        for signal in SIGNALS
        if signal.code in ids
    ]
