"""Money that an applicant moves between own accounts, and money that goes round in a circle.

Neither is income nor spending. Own transfers are told by two accounts of one applicant (the same amount leaves
one and reaches the other within two days) or by the holder's own name as the other party.
"""

from datetime import timedelta

import polars as pl

from pipelines.frames import CREDIT, DEBIT

OWN_TRANSFER = "OWN_TRANSFER"
OWN_DAYS_MAX = 2
OWN_AMOUNT_MIN = 1_000  # smaller amounts meet by chance: a metro card here, a coffee there
CIRCLE_DAYS_MAX = 10
CIRCLE_AMOUNT_MIN = 2_000

# Only what no word explains can be a transfer to oneself; an instalment of the same amount is not.
_PLAIN = ("TRANSFER_IN", "TRANSFER_OUT", "CHEQUE_DEPOSIT", "CHEQUE_PAID")
_ID = "statement_id"


def mark_own_transfers(tagged: pl.LazyFrame, holders: pl.LazyFrame) -> pl.LazyFrame:
    """Names the movements between own accounts OWN_TRANSFER.

    `holders` (statement_id, holder_key) are the names on the accounts, as party keys; they may be none.
    """
    rows = tagged.with_row_index("row")
    own = pl.concat([_between_accounts(rows), _by_own_name(rows, holders)]).unique("row")
    return (
        rows.join(own.with_columns(own=pl.lit(True)), on="row", how="left")
        .with_columns(category=pl.when("own").then(pl.lit(OWN_TRANSFER)).otherwise("category"))
        .sort("row")
        .drop("row", "own")
    )


def _between_accounts(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of pairs between two accounts: the nearest credit of the same amount, each row once."""
    plain = rows.filter(
        pl.col("category").is_in(_PLAIN),
        pl.col("amount") >= OWN_AMOUNT_MIN,
        pl.col("account_ref").n_unique().over(_ID) > 1,
    ).select("row", _ID, "account_ref", "side", "amount", "txn_on")
    late = pl.col("txn_on_credit") - pl.col("txn_on")
    pairs = (
        plain.filter(pl.col("side") == DEBIT)
        .join(plain.filter(pl.col("side") == CREDIT), on=[_ID, "amount"], suffix="_credit")
        .filter(
            pl.col("account_ref") != pl.col("account_ref_credit"),
            late.is_between(timedelta(0), timedelta(days=OWN_DAYS_MAX)),
        )
        .sort(late, "row", "row_credit")
        .unique("row", keep="first", maintain_order=True)
        .unique("row_credit", keep="first", maintain_order=True)
    )
    return pl.concat([pairs.select("row"), pairs.select(row="row_credit")])


def _by_own_name(rows: pl.LazyFrame, holders: pl.LazyFrame) -> pl.LazyFrame:
    plain = rows.filter(pl.col("category").is_in(_PLAIN))
    return plain.join(holders, left_on=[_ID, "party_key"], right_on=[_ID, "holder_key"], how="semi").select(
        "row"
    )


def circles(transactions: pl.LazyFrame) -> pl.LazyFrame:
    """Money that comes back: a transfer and one of nearly the same amount (within a tenth) the other way,
    with the same party and within ten days. One line a pair: statement_id, party, amount, txn_ids, ends_on."""
    plain = (
        transactions.filter(
            pl.col("category").is_in(_PLAIN),
            pl.col("amount") >= CIRCLE_AMOUNT_MIN,
            pl.col("party_key") != "",
            ~pl.col("returned"),
        )
        .select(_ID, "txn_id", "party_key", "party", "side", "amount", "txn_on")
        .sort("txn_on", maintain_order=True)
    )
    credits, debits = plain.filter(pl.col("side") == CREDIT), plain.filter(pl.col("side") == DEBIT)
    both_ways = pl.concat([_came_back(credits, debits), _came_back(debits, credits)])
    return (
        both_ways.sort("ends_on", "txn_id")
        .unique("txn_id", keep="first", maintain_order=True)
        .unique("first_id", keep="first", maintain_order=True)
        .select(_ID, "party", "amount", "ends_on", txn_ids=pl.concat_list("first_id", "txn_id"))
        .sort(_ID, "ends_on", maintain_order=True)
    )


def _came_back(later: pl.LazyFrame, earlier: pl.LazyFrame) -> pl.LazyFrame:
    """The rows of `later` that answer the newest one before them in `earlier`."""
    first = earlier.rename({"txn_id": "first_id", "amount": "first_amount"}).drop("party", "side")
    ratio = pl.col("amount").cast(pl.Float64) / pl.col("first_amount").cast(pl.Float64)
    return (
        later.join_asof(
            first,
            on="txn_on",
            by=[_ID, "party_key"],
            tolerance=f"{CIRCLE_DAYS_MAX}d",
            check_sortedness=False,
        )
        .filter(ratio.is_between(0.9, 1.1))
        .rename({"txn_on": "ends_on"})
    )
