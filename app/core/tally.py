"""Figures of the whole book of a brand that the database keeps as rows change, so that nobody has to count it.

Triggers add rows with the difference that a statement makes, in its transaction (migration `kept_counts`, which says
what counts in what): the sum over a figure's rows is what a count would give, at every instant.
"""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Literal

from peewee import BigIntegerField, BooleanField, DateField, DecimalField, ModelSelect, TextField, fn

from app.core.database import TenantModel, current_brand, db

Measure = Literal["amount", "owed"]


class Tally(TenantModel):
    """So many more, of so much more, in a figure: in a state (empty where it has none), on a day of India."""

    figure = TextField()
    state = TextField()
    signed = BooleanField()
    day = DateField(null=True)
    count = BigIntegerField()
    amount = DecimalField(max_digits=18, decimal_places=2)
    owed = DecimalField(max_digits=18, decimal_places=2)


def kept(
    figure: str,
    *,
    states: Collection[str] = (),
    signed: bool | None = None,
    low: date | None = None,
    high: date | None = None,
    measure: Measure | None = "amount",
) -> ModelSelect:
    """One row: the `count` of a figure and the sum `amount` of a measure, from the day `low` to `high`."""
    asked = (
        (states, Tally.state.in_(list(states))),
        (signed is not None, Tally.signed == signed),
        (low, Tally.day >= low),
        (high, Tally.day <= high),
    )
    sums = [fn.COALESCE(fn.SUM(Tally.count), 0).cast("bigint").alias("count")]
    if measure:
        sums.append(fn.COALESCE(fn.SUM(getattr(Tally, measure)), Decimal(0)).alias("amount"))
    return Tally.select(*sums).where(Tally.figure == figure, *(holds for given, holds in asked if given))


def fold() -> int:
    """Make one row of those that are of the same figure, state and day; how many less there are."""
    return db.execute_sql("SELECT tally_fold(%s)", (current_brand(),)).fetchone()[0]


def mend() -> int:
    """Count everything, and add what the figures lack of it; how many were not right. Nothing is, unless somebody wrote
    past the triggers."""
    # as long as a large book takes; compiling the query takes longer than it saves
    db.execute_sql("SET LOCAL statement_timeout TO '60min'; SET LOCAL jit TO off")
    return db.execute_sql("SELECT tally_mend(%s)", (current_brand(),)).fetchone()[0]
