"""What the readers of bureaus share that write words instead of codes."""

from functools import reduce

import polars as pl

from pipelines.bureau.products import (
    CIBIL_PRODUCTS,
    CONDITION_WORDS,
    LABELLED_OWNERSHIP,
    LABELLED_PAYMENTS_PER_YEAR,
    LABELLED_PRODUCTS,
)
from pipelines.bureau.reading import Codes, code, label

_COMMON = {
    "products": LABELLED_PRODUCTS,
    "ownership": LABELLED_OWNERSHIP,
    "conditions": {name: name for name in CONDITION_WORDS.values()},
    "payments_per_year": LABELLED_PAYMENTS_PER_YEAR,
    "key": lambda text: label(text).replace({"WRITTEN OFF": "WRITTEN_OFF"}),
}

EQUIFAX_CODES = Codes(
    date_formats=("%Y-%m-%d", "%d-%m-%Y"),
    dates_are="YYYY-MM-DD",
    enquiry_products=CIBIL_PRODUCTS,
    enquiry_key=code,
    **_COMMON,
)
CRIF_CODES = Codes(
    date_formats=("%d-%m-%Y", "%d/%m/%Y"),
    dates_are="DD-MM-YYYY",
    enquiry_products=LABELLED_PRODUCTS,
    enquiry_key=label,
    **_COMMON,
)


def condition_in(words: pl.Expr) -> pl.Expr:
    """What the words of a status say of an account; null for "No ..." and for what is not bad."""
    text = label(words)
    found = reduce(
        lambda rest, word: (
            pl.when(text.str.contains(word, literal=True)).then(pl.lit(CONDITION_WORDS[word])).otherwise(rest)
        ),
        reversed(CONDITION_WORDS),
        pl.lit(None, pl.String),
    )
    return pl.when(~text.str.contains(r"^(?:NO|NOT)\b")).then(found)


def closed_day(raw: pl.DataFrame, is_closed: pl.Expr) -> pl.DataFrame:
    """An account that is called closed without a day was closed when it was last reported."""
    stated = pl.when(pl.col("closed").str.strip_chars("0-/ ") != "").then(pl.col("closed"))
    return raw.with_columns(closed=pl.coalesce(stated, pl.when(is_closed).then("reported")))
