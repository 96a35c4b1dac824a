"""What came in, in sums."""

from datetime import date

from peewee import ModelSelect

from app.core.tally import kept


def collected(first: date, last: date) -> ModelSelect:
    """One row: `count` and sum `amount` of what came in on these business days, on the loans of the tally that the
    statement reads."""
    return kept("payment.collected", low=first, high=last)
