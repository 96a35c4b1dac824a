"""Running balances: what stood on the account at the end of a day, and where a statement does not add up.

Banks list the rows of one day in any order and often without a time, so the day is the unit here. Every row
says what stood before it (balance minus its amount) and after it (balance). Over one honest day all of these
cancel out, except the balance that the day started with and the one that it ended with.
"""

import polars as pl

from pipelines.money import mean_money

_ACCOUNT = ("statement_id", "account_ref")
_DAY = (*_ACCOUNT, "txn_on")


def day_balances(transactions: pl.LazyFrame) -> pl.LazyFrame:
    """Per account and day with transactions: closing (null if never stated) and broken (the running balance
    contradicts the amounts, within the day or against the day before)."""
    days = transactions.group_by(_DAY).agg(
        last_stated=pl.col("balance").sort_by("txn_at", maintain_order=True).drop_nulls().last(),
        complete=pl.col("balance").is_not_null().all(),
    )
    ends = _ends(transactions.filter(pl.col("balance").is_not_null()))
    account = list(_ACCOUNT)
    return (
        days.join(ends, on=_DAY, how="left")
        .sort(_DAY)
        .with_columns(_closing())
        .with_columns(closing=pl.coalesce(pl.col("closing").forward_fill().over(account), "last_stated"))
        .with_columns(
            before=pl.col("closing").shift(1).over(account),
            both_complete=pl.col("complete") & pl.col("complete").shift(1).over(account).fill_null(True),
        )
        .with_columns(broken=pl.col("both_complete") & _contradicts().fill_null(False))
        .select(*_DAY, "closing", "broken")
    )


def _ends(stated: pl.LazyFrame) -> pl.LazyFrame:
    """The balances at the two ends of each day, and how many candidates there are for each."""
    after = stated.select(*_DAY, stood=pl.col("balance"), times=pl.lit(1))
    before = stated.select(*_DAY, stood=pl.col("balance") - pl.col("signed"), times=pl.lit(-1))
    lone = (
        pl.concat([after, before.cast(after.collect_schema())])
        .group_by(*_DAY, "stood")
        .agg(pl.col("times").sum())
    )
    last, first = pl.col("times") > 0, pl.col("times") < 0
    return lone.group_by(_DAY).agg(
        ends_at=pl.col("stood").filter(last).max(),
        starts_at=pl.col("stood").filter(first).max(),
        ends=pl.col("times").filter(last).sum(),
    )


def _closing() -> pl.Expr:
    """One end is the closing balance. None: the day came back to where it began, and yesterday's balance is
    filled in later. Several: the day is broken, and the last stated balance is the best there is."""
    return (
        pl.when(pl.col("ends") == 1)
        .then("ends_at")
        .when(pl.col("ends") > 1)
        .then("last_stated")
        .alias("closing")
    )


def _contradicts() -> pl.Expr:
    return (pl.col("ends") > 1) | ((pl.col("ends") == 1) & (pl.col("starts_at") != pl.col("before")))


def end_of_day(day_balances: pl.LazyFrame) -> pl.LazyFrame:
    """Per account one row a day (day, balance) from first to last transaction, gaps carried forward."""
    closings = day_balances.filter(pl.col("closing").is_not_null())
    calendar = (
        closings.group_by(_ACCOUNT)
        .agg(day=pl.date_ranges(pl.col("txn_on").min(), pl.col("txn_on").max()).first())
        .explode("day")
        .sort("day")
    )
    stood = closings.select(*_ACCOUNT, day="txn_on", balance="closing").sort("day")
    return calendar.join_asof(stood, on="day", by=_ACCOUNT, check_sortedness=False)


def average_balance(end_of_day: pl.LazyFrame, *by: str) -> pl.LazyFrame:
    """The average end-of-day balance of each statement (and of each value of `by`): accounts added up."""
    days = end_of_day.group_by(*_ACCOUNT, *by).agg(total=pl.col("balance").sum(), days=pl.len())
    return (
        days.with_columns(average=mean_money(pl.col("total"), pl.col("days")))
        .group_by("statement_id", *by)
        .agg(average_balance=pl.col("average").sum())
    )
