"""What in a statement asks for a second look: signs of tampering, of dressing up, of strain.

One table of signals; each finds rows, and the rows are its evidence. A signal is no verdict: the rules say what
follows from how many and which (`tamper_signal_count`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from pipelines.dates import months_before
from pipelines.frames import CREDIT, DEBIT

WINDOW_MONTHS = 3
RTGS_AMOUNT_MIN = 200_000  # RBI: RTGS is for two lakh and more
DRESSING_DAYS = 15
DRESSING_RISE = 2  # the average balance at least doubles
DRAINED_DAYS = 3
CREDITS_SEEN_MIN = 3  # one or two salaries are round by chance

_ID = "statement_id"
_ACCOUNT = [_ID, "account_ref"]


@dataclass(frozen=True)
class Evidence:
    """What the signals look at: tagged rows, day balances, salaries, circles, and today's date."""

    as_of: date
    transactions: pl.LazyFrame
    day_balances: pl.LazyFrame
    end_of_day: pl.LazyFrame
    salary_rows: pl.LazyFrame
    circles: pl.LazyFrame

    @property
    def window(self) -> pl.LazyFrame:
        """The rows of the last months that really moved money."""
        since = months_before(self.as_of, WINDOW_MONTHS)
        return self.transactions.filter(pl.col("txn_on") >= since, ~pl.col("returned"))


@dataclass(frozen=True)
class Signal:
    """`find` gives the rows (statement_id, txn_id) behind it; none means that there is nothing to see.

    kind: tamper (the paper may be altered), behaviour (the money is arranged), strain (it is tight).
    """

    code: str
    kind: str
    message: str
    find: Callable[[Evidence], pl.LazyFrame]


def signal_rows(evidence: Evidence, *kinds: str) -> pl.LazyFrame:
    """The findings of all signals, or of those of these kinds: statement_id, txn_id, code, kind."""
    found = [
        signal.find(evidence).select(_ID, "txn_id", code=pl.lit(signal.code), kind=pl.lit(signal.kind))
        for signal in SIGNALS
        if not kinds or signal.kind in kinds
    ]
    return pl.concat(found).unique(maintain_order=True)


# --- tampering ----------------------------------------------------------------------------------------


def _broken_balance(evidence: Evidence) -> pl.LazyFrame:
    broken = evidence.day_balances.filter("broken")
    return evidence.transactions.join(broken, on=[*_ACCOUNT, "txn_on"], how="semi")


def _small_rtgs(evidence: Evidence) -> pl.LazyFrame:
    moved = ~pl.col("returned") & ~pl.col("category").str.contains("CHARGE|REVERSAL|RETURN")
    return evidence.transactions.filter(
        pl.col("channel") == "RTGS", pl.col("amount") < RTGS_AMOUNT_MIN, pl.col("amount") > 1_000, moved
    )


def _odd_cash_machine(evidence: Evidence) -> pl.LazyFrame:
    """A machine gives notes of one hundred and more."""
    odd = (pl.col("amount").cast(pl.Float64) % 100) != 0
    return evidence.transactions.filter(
        pl.col("channel") == "ATM", pl.col("category") == "CASH_WITHDRAWAL", odd
    )


def _closed_for_clearing(evidence: Evidence) -> pl.LazyFrame:
    """Cheques are not cleared on Sundays and the three national holidays."""
    day = pl.col("txn_on")
    national = [(1, 26), (8, 15), (10, 2)]
    holiday = pl.any_horizontal(
        [(day.dt.month() == month) & (day.dt.day() == number) for month, number in national]
    )
    return evidence.transactions.filter(
        pl.col("category").is_in(["CHEQUE_DEPOSIT", "CHEQUE_PAID"]), (day.dt.weekday() == 7) | holiday
    )


def _round_salaries(evidence: Evidence) -> pl.LazyFrame:
    """Net pay after tax and provident fund is hardly ever a whole thousand, and never every time."""
    amount = pl.col("salary_amount").cast(pl.Float64)
    return evidence.salary_rows.filter(
        (pl.col("txn_id").n_unique().over(_ID) >= CREDITS_SEEN_MIN) & ((amount % 1_000 == 0).all().over(_ID))
    )


def _equal_sides(evidence: Evidence) -> pl.LazyFrame:
    """What came in is to the paisa what went out."""
    total = pl.col("signed").sum().over(_ID)
    return evidence.transactions.filter(total == 0, pl.len().over(_ID) >= 20)


# --- arranging ----------------------------------------------------------------------------------------


def _circles(evidence: Evidence) -> pl.LazyFrame:
    return evidence.circles.select(_ID, txn_id="txn_ids").explode("txn_id")


def dressed(evidence: Evidence) -> pl.LazyFrame:
    """Statements whose average balance at least doubled in the last days: statement_id."""
    since = evidence.as_of - timedelta(days=DRESSING_DAYS)
    recent = pl.col("day") > since
    balance = pl.col("balance").cast(pl.Float64)
    by_day = evidence.end_of_day.group_by(_ID, "day").agg(balance.sum())
    return (
        by_day.group_by(_ID)
        .agg(before=balance.filter(~recent).mean(), lately=balance.filter(recent).mean())
        .filter(pl.col("lately") >= DRESSING_RISE * pl.max_horizontal("before", pl.lit(1_000.0)))
        .select(_ID)
    )


def _dressing(evidence: Evidence) -> pl.LazyFrame:
    """The large credits, other than salary, that lifted the balance shortly before the application."""
    since = evidence.as_of - timedelta(days=DRESSING_DAYS)
    large = pl.col("amount") * 10 >= pl.col("amount").sum().over(_ID)
    return (
        evidence.transactions.filter(
            pl.col("side") == CREDIT,
            pl.col("txn_on") > since,
            ~pl.col("category").is_in(["SALARY", "MANDATE_RETURN", "REVERSAL"]),
        )
        .filter(large)
        .join(evidence.salary_rows, on=[_ID, "txn_id"], how="anti")
        .join(dressed(evidence), on=_ID, how="semi")
    )


def _more_cash_than_salary(evidence: Evidence) -> pl.LazyFrame:
    since = months_before(evidence.as_of, WINDOW_MONTHS)
    paid = evidence.salary_rows.filter(pl.col("txn_on") >= since)
    salary = paid.group_by(_ID).agg(salary=pl.col("amount").sum())
    cash = evidence.window.filter(pl.col("category") == "CASH_DEPOSIT")
    return cash.join(salary, on=_ID).filter(pl.col("amount").sum().over(_ID) > pl.col("salary"))


# --- strain -------------------------------------------------------------------------------------------


def _below_zero(evidence: Evidence) -> pl.LazyFrame:
    return evidence.window.filter(pl.col("balance") < 0)


def drained_salaries(evidence: Evidence) -> pl.LazyFrame:
    """Salaries of which less than a tenth of the amount stood on the account three days later.

    A salary too near the end of the statement says nothing yet.
    """
    by_day = evidence.end_of_day.group_by(_ID, "day").agg(stood=pl.col("balance").sum())
    since = months_before(evidence.as_of, WINDOW_MONTHS)
    later = pl.col("paid_on") + pl.lit(timedelta(days=DRAINED_DAYS))
    paid = evidence.salary_rows.filter(pl.col("paid_on") >= since).with_columns(day=later)
    return paid.join(by_day, on=[_ID, "day"]).filter(pl.col("stood") * 10 < pl.col("salary_amount"))


def _drained(evidence: Evidence) -> pl.LazyFrame:
    months = pl.col("paid_on").n_unique().over(_ID)
    return drained_salaries(evidence).filter(months >= 2)


def _penalties(evidence: Evidence) -> pl.LazyFrame:
    words = r"MIN(?:IMUM)?\s*\.?\s*BAL|\bAMB\b|\bMAB\b|\bQAB\b|NON\s*MAINT|LATE FEE|PENAL"
    return evidence.window.filter(
        pl.col("category") == "BANK_CHARGE", pl.col("side") == DEBIT, pl.col("text").str.contains(words)
    )


SIGNALS = (
    Signal(
        "BALANCE_BROKEN", "tamper", "The running balance does not follow from the amounts.", _broken_balance
    ),
    Signal("RTGS_BELOW_MINIMUM", "tamper", "RTGS moves two lakh and more; these are less.", _small_rtgs),
    Signal("CASH_MACHINE_ODD_AMOUNT", "tamper", "Cash machines give whole hundreds.", _odd_cash_machine),
    Signal("CHEQUE_ON_HOLIDAY", "tamper", "Cheques are not cleared on this day.", _closed_for_clearing),
    Signal("SALARIES_ALL_ROUND", "tamper", "Every salary is a whole number of thousands.", _round_salaries),
    Signal("SIDES_EQUAL", "tamper", "Credits and debits are equal to the paisa.", _equal_sides),
    Signal("CIRCULAR", "behaviour", "Money went to somebody and came back, or the reverse.", _circles),
    Signal("WINDOW_DRESSING", "behaviour", "Large credits lifted the balance shortly before.", _dressing),
    Signal("CASH_ABOVE_SALARY", "behaviour", "More cash was paid in than salary.", _more_cash_than_salary),
    Signal("BELOW_ZERO", "strain", "The balance was below zero.", _below_zero),
    Signal("SALARY_DRAINED", "strain", "Salaries were gone within three days.", _drained),
    Signal("PENALTY_CHARGED", "strain", "The bank charged a penalty.", _penalties),
)
