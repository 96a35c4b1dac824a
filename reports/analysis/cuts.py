"""The same figures of the whole and of its parts: by tier, source, ..."""

from collections.abc import Callable, Mapping

import polars as pl

from reports.base import Grouping
from reports.figures import figure
from reports.kinds import CHOICE, TEXT

WHOLE = "all"


def cut(
    rows: pl.LazyFrame, parts: Mapping[str, str], figures: Callable[[pl.LazyFrame], pl.LazyFrame]
) -> pl.LazyFrame:
    """`figures` of all rows, then of each part; `parts` names the column that tells a row's part. `figures` groups by
    `cut` and `part`."""
    whole = rows.with_columns(pl.lit(WHOLE).alias("cut"), pl.lit("").alias("part"))
    split = (
        rows.with_columns(
            pl.lit(name).alias("cut"), pl.col(column).cast(pl.String).fill_null("").alias("part")
        )
        for name, column in parts.items()
    )
    return pl.concat([figures(frame) for frame in (whole, *split)])


def grouping(parts: Mapping[str, str]) -> Grouping:
    """Whoever asks may choose the whole or what it is split by."""
    return Grouping("cut", (WHOLE, *parts))


def columns(parts: Mapping[str, str]) -> tuple:
    """The two columns that tell which part of the book a row speaks of."""
    return (
        figure("cut", CHOICE, f"{WHOLE}: the whole; else what it is split by: {', '.join(parts)}"),
        figure("part", TEXT, "The part; empty for the whole, and where it is not known"),
    )
