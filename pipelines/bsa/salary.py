"""Which credits are salary: by the words of the narration, by the employer's name, or by recurrence."""

import polars as pl

from pipelines.bsa.patterns import Patterns
from pipelines.frames import CREDIT

PART_PAYMENT_DAYS = 7  # parts of one month's salary arrive within a week
RECURRENCE_MIN = 3
RECURRENCE_GAP_DAYS = (25, 35)

_EMPLOYER = ["statement_id", "party_key"]
_SALARY = [*_EMPLOYER, "cycle"]
_CHANNELS = ["NEFT", "RTGS", "IMPS", "NACH", "TRANSFER", "OTHER"]


def salary_rows(transactions: pl.LazyFrame, patterns: Patterns) -> pl.LazyFrame:
    """The salary credits, one row per transaction, with paid_on, salary_amount and employer of the salary
    that each is part of. Incentives and other small extras of the same employer are left out."""
    rows = _merge_parts(_credits(transactions, patterns))
    salaries = rows.group_by(_SALARY).agg(
        paid_on=pl.col("txn_on").min(), salary_amount=pl.col("amount").sum(), employer=pl.col("party").first()
    )
    usual = _upper_median("salary_amount").over(_EMPLOYER)
    regular = salaries.filter(pl.col("salary_amount") * 2 >= usual)
    return rows.join(regular, on=_SALARY, how="inner").sort("statement_id", "txn_at", "txn_id")


def salaries(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row per salary (statement_id, paid_on, amount, employer, txn_ids), oldest first."""
    return (
        rows.group_by(_SALARY)
        .agg(pl.col("paid_on", "employer").first(), amount=pl.col("salary_amount").first(), txn_ids="txn_id")
        .select("statement_id", "paid_on", "amount", "employer", "txn_ids")
        .sort("statement_id", "paid_on", "amount")
    )


def _credits(transactions: pl.LazyFrame, patterns: Patterns) -> pl.LazyFrame:
    credits = transactions.filter(pl.col("side") == CREDIT, ~pl.col("returned")).with_columns(
        worded=pl.col("category") == "SALARY",
        plain=(pl.col("category") == "TRANSFER_IN") & pl.col("channel").is_in(_CHANNELS),
        party_key=pl.col("party_key").fill_null(""),
    )
    return (
        credits.join(_employers(credits), on=_EMPLOYER, how="left")
        .join(_recurring(credits, patterns), on=_EMPLOYER, how="left")
        .filter(
            pl.col("worded")
            | (pl.col("plain") & (pl.col("amount") * 2 >= pl.col("usual")))
            | (pl.col("plain") & pl.col("recurs"))
        )
        .drop("worded", "plain", "usual", "recurs")
    )


def _employers(credits: pl.LazyFrame) -> pl.LazyFrame:
    """Who has paid something worded as salary, and how much that usually is."""
    worded = credits.filter(pl.col("worded"), pl.col("party_key") != "")
    return worded.group_by(_EMPLOYER).agg(usual=_upper_median("amount"))


def _recurring(credits: pl.LazyFrame, patterns: Patterns) -> pl.LazyFrame:
    """Companies that pay about the same about once a month, at least three times: salary without the word."""
    shortest, longest = RECURRENCE_GAP_DAYS
    amount, gap = pl.col("amount"), pl.col("gap")
    return (
        credits.filter(pl.col("plain"), pl.col("counterparty").str.contains(patterns.company))
        .sort("txn_on")
        .with_columns(gap=pl.col("txn_on").diff().dt.total_days().over(_EMPLOYER))
        .group_by(_EMPLOYER)
        .agg(
            recurs=(pl.len() >= RECURRENCE_MIN)
            & (gap.min() >= shortest)
            & (gap.max() <= longest)
            & (amount.min() * 10 >= amount.max() * 7)
        )
    )


def _merge_parts(rows: pl.LazyFrame) -> pl.LazyFrame:
    gap = pl.col("txn_on").diff().dt.total_days()
    return rows.sort("txn_on", "txn_at").with_columns(
        cycle=(gap > PART_PAYMENT_DAYS).fill_null(False).cum_sum().over(_EMPLOYER)
    )


def _upper_median(name: str) -> pl.Expr:
    return pl.col(name).sort().get(pl.len() // 2)
