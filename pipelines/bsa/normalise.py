"""Cleans transactions: one row per movement, dated in India, with a narration that patterns can read."""

from datetime import date

import polars as pl

from pipelines.bsa.patterns import Patterns
from pipelines.frames import CREDIT

_ACCOUNT = ("statement_id", "account_ref")
# What makes two rows the same movement. A running balance tells equal payments apart; where a feed has
# none, only the bank's id does.
_MOVEMENT = (*_ACCOUNT, "txn_at", "side", "amount", "balance", "narration", "reference", "same_id")


def normalise(transactions: pl.LazyFrame, as_of: date) -> pl.LazyFrame:
    """Adds txn_on (Indian business date), signed (amount with its sign), text (narration for matching) and
    spelling (its letters alone); drops rows delivered twice and rows dated after `as_of`."""
    return (
        transactions.with_columns(
            txn_on=pl.col("txn_at").dt.convert_time_zone("Asia/Kolkata").dt.date(),
            signed=pl.when(pl.col("side") == CREDIT).then(pl.col("amount")).otherwise(-pl.col("amount")),
            text=clean_text(pl.col("narration")),
            same_id=pl.when(pl.col("balance").is_null()).then(pl.col("txn_id")),
        )
        .filter(pl.col("txn_on") <= as_of)
        .unique(subset=_MOVEMENT, keep="first", maintain_order=True)
        .drop("same_id")
        .with_columns(spelling=pl.col("text").str.replace_all("[^A-Z]", ""))
        .sort(*_ACCOUNT, "txn_at", maintain_order=True)
    )


def clean_text(narration: pl.Expr) -> pl.Expr:
    """Capitals, single spaces, and no underscores: they would glue words together."""
    spaced = narration.str.to_uppercase().str.replace_all(r"[\s_]+", " ")
    return spaced.str.strip_chars()


def counterparty(patterns: Patterns) -> pl.Expr:
    """The first stretch of `text` that reads like a name once references and channel words are gone."""
    named = (
        pl.col("text")
        .str.replace_all(r"[A-Z0-9.]+@[A-Z0-9]*", "")
        .str.replace_all(r"\b(?:[A-Z]*[0-9][A-Z0-9]*|X{2,})\b", "")
        .str.replace_all(patterns.noise, "")
        .str.replace_all(patterns.leading_noise, "$1")
        .str.extract(r"(?:^|[-/*:|,])[^A-Z]*([A-Z][A-Z .&']{2,})", 1)
    )
    return named.str.replace_all(r"\s+", " ").str.strip_chars(" .&'")
