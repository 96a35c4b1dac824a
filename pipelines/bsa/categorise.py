"""Says of each transaction how it moved (channel), what it was (category) and with whom (party)."""

import polars as pl

from pipelines.bsa.normalise import counterparty
from pipelines.bsa.patterns import Patterns
from pipelines.frames import CREDIT, DEBIT

RETURN_WINDOW = "3d"
PARTY_KEY_LETTERS = 12

_SAME_DAY_TWINS = ("statement_id", "account_ref", "txn_on", "side", "amount", "spelling")
_SAME_MANDATE = ("statement_id", "account_ref", "amount", "nth")


def categorise(transactions: pl.LazyFrame, patterns: Patterns) -> pl.LazyFrame:
    """Adds channel, category, counterparty, party (a known name, else the counterparty), party_key (what
    spellings of one party share) and returned (the movement was undone, or undoes one).

    The tags are computed here, once: pairing reads them three times, and they are the costly part. Narrations
    that differ in a reference number alone are tagged together.
    """
    rows = transactions.with_columns(shape=_shape(pl.col("text"))).collect().lazy()
    tags = _tags(rows.select("side", text="shape").unique(), patterns).rename({"text": "shape"})
    tagged = rows.join(tags, on=["side", "shape"], how="left", maintain_order="left").drop("shape")
    return _mark_returned(tagged.collect().lazy())


def _shape(text: pl.Expr) -> pl.Expr:
    """The text with long numbers that stand alone made equal: no phrase says how many digits a number has,
    and the digits that belong to a name (DREAM11, 1MG) are few or touch its letters."""
    return text.str.replace_all(r"(^|[^A-Z0-9])[0-9]{6,}", "${1}000000")


def _tags(distinct: pl.LazyFrame, patterns: Patterns) -> pl.LazyFrame:
    """side and text with what they tell: channel, category, counterparty, party, party_key."""
    names = {key: name_list.expression() for key, name_list in patterns.names.items()}
    return (
        distinct.with_columns(channel=patterns.channel, **names)
        .with_columns(category=patterns.category, counterparty=counterparty(patterns))
        .with_columns(party=pl.coalesce(*names, "counterparty"))
        .drop(*names)
        .with_columns(party_key=party_key(pl.col("party")))
    )


def party_key(name: pl.Expr) -> pl.Expr:
    """The first letters of a name: banks cut names at different lengths and space them differently."""
    return name.str.to_uppercase().str.replace_all("[^A-Z]", "").str.slice(0, PARTY_KEY_LETTERS)


def _mark_returned(tagged: pl.LazyFrame) -> pl.LazyFrame:
    """Marks a mandate's debit and the credit that gives it back, and names the credit MANDATE_RETURN."""
    rows = tagged.with_row_index("row")
    pairs = _returned_pairs(rows)
    credits = pairs.select("row", party_returned="party_debit").unique("row")
    debits = pairs.select(row="row_debit", debit_returned=pl.lit(True)).unique("row")
    is_return = pl.col("party_returned").is_not_null() | (pl.col("category") == "MANDATE_RETURN")
    return (
        rows.join(credits, on="row", how="left")
        .join(debits, on="row", how="left")
        .with_columns(
            returned=is_return | pl.col("debit_returned").fill_null(False),
            category=pl.when(is_return).then(pl.lit("MANDATE_RETURN")).otherwise("category"),
            party=pl.coalesce("party_returned", "party"),
        )
        .with_columns(party_key=party_key(pl.col("party")))
        .sort("row")  # joins do not promise to keep the order, and a replay must give the same bytes
        .drop("row", "party_returned", "debit_returned")
    )


def _returned_pairs(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The debit that each returning credit undoes: same account and amount, at most three days earlier.

    A bounced mandate is a debit followed by a credit whose narration says so, is the debit's own, or names the
    same party.
    Twins of one day are numbered, so that two bounces of equal mandates are two pairs.
    """
    is_mandate = (pl.col("channel") == "NACH") | pl.col("category").is_in(["EMI", "MANDATE_RETURN"])
    mandates = (
        rows.filter(is_mandate)
        .with_columns(nth=pl.int_range(pl.len()).over(_SAME_DAY_TWINS))
        .select(
            "row",
            *_SAME_MANDATE,
            "side",
            "txn_on",
            "spelling",
            "category",
            party=pl.col("party").fill_null(""),
        )
        .sort("txn_on")
    )
    return (
        mandates.filter(pl.col("side") == CREDIT)
        .join_asof(
            mandates.filter(pl.col("side") == DEBIT),
            on="txn_on",
            by=_SAME_MANDATE,
            tolerance=RETURN_WINDOW,
            suffix="_debit",
            check_sortedness=False,
        )
        .filter(
            pl.col("row_debit").is_not_null(),
            (pl.col("category") == "MANDATE_RETURN")
            | (pl.col("spelling") == pl.col("spelling_debit"))
            | ((pl.col("party") == pl.col("party_debit")) & (pl.col("party") != "")),
        )
    )
