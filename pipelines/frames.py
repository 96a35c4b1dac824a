"""The one shape that every statement reader delivers, whatever bank or aggregator it came from."""

from collections.abc import Iterable

import polars as pl

from pipelines.errors import EvidenceError
from pipelines.money import MONEY

CREDIT = "CR"
DEBIT = "DR"

# statement_id: whose money it is (all accounts of one applicant share it).
# account_ref:  which of the applicant's accounts; running balances hold within it.
TRANSACTIONS: dict[str, pl.DataType] = {
    "statement_id": pl.String(),
    "account_ref": pl.String(),
    "txn_id": pl.String(),
    "txn_at": pl.Datetime("us", "UTC"),
    "value_date": pl.Date(),
    "side": pl.String(),
    "amount": MONEY,
    "balance": MONEY,
    "mode": pl.String(),
    "narration": pl.String(),
    "reference": pl.String(),
}


def no_transactions() -> pl.LazyFrame:
    """An empty frame of the transaction schema."""
    return pl.LazyFrame(schema=TRANSACTIONS)


def refuse_rows(parent: str, rules: Iterable[tuple[str, pl.Series, str]]) -> None:
    """Raises EvidenceError at the first row that breaks a rule (field name, which rows are wrong, reason)."""
    for name, wrong, reason in rules:
        if (rows := wrong.arg_true()).len():
            raise EvidenceError(f"{parent}[{rows[0]}].{name}", reason)
