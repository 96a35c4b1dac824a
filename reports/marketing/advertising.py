"""What was spent on advertising, as it was told, and which part of it is that of some of the leads that it brought."""

import polars as pl

from pipelines.money import from_hundredths, paise
from reports.base import Column, Source
from reports.kinds import DATE, MONEY, TEXT

BOUGHT = ("utm_source", "utm_campaign")
SPENT = Source(
    """SELECT m.source AS utm_source, m.campaign AS utm_campaign, m.day, m.amount AS advertising FROM marketing_spend m
    WHERE m.brand_id = %(brand_id)s AND m.day BETWEEN %(from_date)s AND %(to_date)s""",
    (
        Column("utm_source", TEXT, "Source that was paid"),
        Column("utm_campaign", TEXT, "Campaign for which it was; none: for all of the source"),
        Column("day", DATE, "Day of it"),
        Column("advertising", MONEY, "What was paid"),
    ),
)


def parts(spent: pl.LazyFrame, leads: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """`advertising` by `group_key`, the value of `key` of the leads, and `period`: of each source, campaign and period
    in proportion to the number of leads, to the paisa. What brought nobody has no value but those that it was paid for.

    spent, leads: with their `period`.
    """
    bought = (*BOUGHT, "period")
    brought = leads.group_by(*bought, pl.col(key).fill_null("").alias("group_key")).agg(pl.len().alias("n"))
    own = pl.col(key) if key in BOUGHT else pl.lit("")
    both = (
        spent.group_by(bought)
        .agg(pl.col("advertising").sum())
        .join(brought, on=bought, how="left", nulls_equal=True)
        .with_columns(
            pl.coalesce("group_key", own, pl.lit("")).alias("group_key"),
            pl.col("n").fill_null(1).cast(pl.Int128),
        )
        .sort("group_key")
    )
    upto, whole = (number.over(bought) for number in (pl.col("n").cum_sum(), pl.col("n").sum()))
    # what is rounded off for one is the next one's
    reached, before = (paise(pl.col("advertising")) * n // whole for n in (upto, upto - pl.col("n")))
    return (
        both.select("group_key", "period", from_hundredths(reached - before).alias("advertising"))
        .group_by("group_key", "period")
        .agg(pl.col("advertising").sum())
    )
