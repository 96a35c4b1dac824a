"""Transactions of a deposit account or a credit card: typed by polars, a column at a time.

Real feeds differ in ways that the schema does not say: amounts are strings or numbers, `mode` is OTHERS for
everything, a stamp has an offset or none, ids are blank or used twice.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import polars as pl

from pipelines.aa.tree import Node, many, one, scalar
from pipelines.errors import EvidenceError
from pipelines.frames import CREDIT, DEBIT, TRANSACTIONS, refuse_rows
from pipelines.money import money_of

TRANSACTIONS_MAX = 100_000
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # before it, a stamp is a default of somebody's software

Spelling = Mapping[str, str]  # our column of text -> the attribute as the schema spells it

DEPOSIT: Spelling = {
    name.lower(): name
    for name in (
        "txnId", "type", "mode", "amount", "currentBalance", "transactionTimestamp", "valueDate", "narration",
        "reference",
    )
}  # fmt: skip
CARD: Spelling = DEPOSIT | {
    "type": "txnType",
    "transactiontimestamp": "txnDate",
    "reference": "maskedCardNumber",
}

_SIDES = {"CREDIT": CREDIT, "DEBIT": DEBIT, "CR": CREDIT, "DR": DEBIT, "C": CREDIT, "D": DEBIT}
# A stamp without an offset is Indian time: banks print the time at the branch.
_ZONED, _LOCAL = "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f"


def transactions_of(
    account: Node, spelling: Spelling, account_ref: str, statement_id: str, default_mode: str = "OTHERS"
) -> pl.LazyFrame:
    """The transactions of an account. Raises EvidenceError at the first that is malformed."""
    parent = one(account.get("transactions"), "Transactions")
    nodes = many(parent.get("transaction"), "Transactions.Transaction")
    if len(nodes) > TRANSACTIONS_MAX:
        raise EvidenceError("Transactions.Transaction", f"has more than {TRANSACTIONS_MAX} entries")
    columns = {
        name: [scalar(node, spelt, f"Transactions.Transaction[{index}]") for index, node in enumerate(nodes)]
        for name, spelt in spelling.items()
    }
    raw = pl.DataFrame(columns, schema=dict.fromkeys(spelling, pl.String))
    typed = raw.select(
        statement_id=pl.lit(statement_id),
        account_ref=pl.lit(account_ref),
        txn_id=pl.col("txnid"),
        txn_at=_instant(pl.col("transactiontimestamp")),
        value_date=pl.col("valuedate").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False),
        side=pl.col("type").str.to_uppercase().replace_strict(_SIDES, default=None, return_dtype=pl.String),
        amount=money_of("amount"),
        balance=money_of("currentbalance"),
        mode=pl.col("mode").str.to_uppercase().fill_null(default_mode),
        narration=pl.col("narration").fill_null(""),
        reference=pl.col("reference").fill_null(""),
    )
    _check(raw, typed, spelling)
    return typed.with_columns(txn_id=_unique_ids()).cast(TRANSACTIONS).lazy()


def _instant(text: pl.Expr) -> pl.Expr:
    stamp = pl.when(text.str.len_chars() == 10).then(text + "T00:00:00").otherwise(text)
    stamp = stamp.str.replace(" ", "T", literal=True)
    local = stamp.str.strptime(pl.Datetime("us"), _LOCAL, strict=False)
    return pl.coalesce(
        stamp.str.strptime(pl.Datetime("us", "UTC"), _ZONED, strict=False),
        local.dt.replace_time_zone("Asia/Kolkata").dt.convert_time_zone("UTC"),
    )


def _check(raw: pl.DataFrame, typed: pl.DataFrame, spelling: Spelling) -> None:
    """Points at the first transaction attribute that is missing or did not survive its type."""
    rules = (
        (spelling["type"], typed["side"].is_null(), "is neither CREDIT nor DEBIT"),
        (
            spelling["transactiontimestamp"],
            ~(typed["txn_at"] >= EARLIEST).fill_null(False),
            "is not a date and time",
        ),
        (spelling["amount"], typed["amount"].is_null() | (typed["amount"] < 0), "is not a positive amount"),
        (spelling["currentbalance"], _lost(raw["currentbalance"], typed["balance"]), "is not an amount"),
        (spelling["valuedate"], _lost(raw["valuedate"], typed["value_date"]), "is not a date"),
    )
    refuse_rows("Transactions.Transaction", rules)


def _lost(raw: pl.Series, typed: pl.Series) -> pl.Series:
    """What was stated, but not as something its type can hold."""
    return raw.is_not_null() & typed.is_null()


def _unique_ids() -> pl.Expr:
    """The bank's transaction id; content makes one where it is blank, a counter where it is used twice."""
    stamp = pl.col("txn_at").dt.to_string("%Y%m%dT%H%M%S")
    money = [pl.col(name).cast(pl.String) for name in ("amount", "balance")]
    made = pl.concat_str([stamp, pl.col("side"), *money], separator="-", ignore_nulls=True)
    own = pl.coalesce("txn_id", made)
    nth = pl.int_range(pl.len()).over(own)
    return pl.when(nth == 0).then(own).otherwise(pl.concat_str(own, pl.lit("#"), nth + 1))
