"""What came in, in sums."""

from datetime import date
from decimal import Decimal

from peewee import ModelSelect, fn

from app.core.tally import kept
from app.payments.models import PaymentCollectionTransaction as Transaction
from app.payments.states import SUCCESS


def collected(first: date, last: date, loan_ids: tuple[ModelSelect, ...] = ()) -> ModelSelect:
    """One row: `count` and sum `amount` of what came in on these business days, on loans that are among all of
    the queries of ids."""
    return (
        collected_anew(first, last, loan_ids) if loan_ids else kept("payment.collected", low=first, high=last)
    )


def collected_anew(first: date, last: date, loan_ids: tuple[ModelSelect, ...] = ()) -> ModelSelect:
    """The same, payment by payment."""
    kept = fn.SUM(Transaction.amount - Transaction.reversed_amount)
    sums = fn.COUNT(Transaction.id).alias("count"), fn.COALESCE(kept, Decimal(0))
    then = Transaction.received_on.between(first, last), Transaction.status == SUCCESS
    among = [Transaction.loan_id.in_(ids) for ids in loan_ids]
    return Transaction.select(sums[0], sums[1].alias("amount")).where(*then, *among)
