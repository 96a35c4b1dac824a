"""Inward bounces: mandates and cheques of the applicant that the bank returned unpaid.

One bounce leaves up to two traces: the return of the debit, and a return charge some days later. Either may
be missing, and neither names the other. Traces close to each other are one episode, and an episode holds as
many bounces as the more frequent of its two traces.
"""

import polars as pl

from pipelines.bsa.patterns import Patterns

EPISODE_GAP_DAYS = 7

_RETURNS = ("MANDATE_RETURN", "CHEQUE_RETURN_INWARD")
_ACCOUNT = ["statement_id", "account_ref"]
_EPISODE = [*_ACCOUNT, "episode"]


def bounce_rows(transactions: pl.LazyFrame, patterns: Patterns) -> pl.LazyFrame:
    """Every trace of a bounce, with episode, reason, and counted (one counted trace per bounce)."""
    gap = pl.col("txn_on").diff().dt.total_days()
    is_return = pl.col("category").is_in(_RETURNS)
    returns_decide = is_return.sum() >= is_return.not_().sum()
    return (
        transactions.filter(is_return | (pl.col("category") == "BOUNCE_CHARGE"))
        .sort(*_ACCOUNT, "txn_on")
        .with_columns(
            episode=(gap > EPISODE_GAP_DAYS).fill_null(False).cum_sum().over(_ACCOUNT), reason=patterns.reason
        )
        .with_columns(counted=is_return == returns_decide.over(_EPISODE))
    )
