"""What the applicant pays to lenders every month, as the statement shows it."""

from datetime import timedelta

import polars as pl

LIVE_DAYS = 45  # one monthly cycle and some slack: a lender silent for longer is taken as repaid

_LENDER = ["statement_id", "party_key"]


def emi_rows(transactions: pl.LazyFrame) -> pl.LazyFrame:
    """EMI debits with lender, month (its first day), and live (that lender has still been paid lately)."""
    ends_on = transactions.group_by("statement_id").agg(ends_on=pl.col("txn_on").max())
    return (
        transactions.filter(pl.col("category") == "EMI")
        .with_columns(
            party_key=pl.col("party_key").fill_null(""),
            lender=pl.col("party").fill_null("Unnamed mandate"),
            month=pl.col("txn_on").dt.truncate("1mo"),
        )
        .join(ends_on, on="statement_id", how="left")
        .with_columns(
            live=pl.col("txn_on").max().over(_LENDER) >= pl.col("ends_on") - pl.lit(timedelta(days=LIVE_DAYS))
        )
    )


def obligations_by_month(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Per lender and month the amount due: what was paid, or, where every attempt bounced, one attempt."""
    paid = pl.col("amount").filter(~pl.col("returned"))
    return (
        rows.group_by(*_LENDER, "month")
        .agg(
            pl.col("lender").first(),
            pl.col("live").first(),
            last_debit_on=pl.col("txn_on").max(),
            amount=pl.when(paid.len() > 0).then(paid.sum()).otherwise(pl.col("amount").max()),
        )
        .sort("statement_id", "party_key", "month")
    )


def obligations(by_month: pl.LazyFrame) -> pl.LazyFrame:
    """Per lender what a month costs: the larger of its last two months, as the last may be incomplete."""
    return (
        by_month.group_by(_LENDER, maintain_order=True)
        .agg(
            pl.col("lender").first(),
            pl.col("live").first(),
            pl.col("last_debit_on").max(),
            monthly_amount=pl.col("amount").sort_by("month").tail(2).max(),
        )
        .sort("statement_id", "lender")
    )
