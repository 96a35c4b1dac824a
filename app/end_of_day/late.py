"""What was told late: the days that it touches are closed again, of its borrowers alone."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.core import identity
from app.core.database import brand_scope
from app.core.share import Share
from app.end_of_day import book, closing
from app.end_of_day.models import EodStep
from app.ledger import late
from app.loans import service as loans
from app.payments import service as payments

# what a day says of a loan; the rest is of now or of tomorrow
STEPS = ("interest", "penal", "snapshot", "income", "overdue")


def close_again(brand_id: str) -> list[closing.Done]:
    """Bring penal charges and `loan_day` of borrowers of whom something was told late up to date, day by day; what
    then owes nothing any more is paid. Broken off it is done again. No day is closed meanwhile: it
    would be left out."""
    return closing.alone(brand_id, lambda: _close_again(brand_id))


def _close_again(brand_id: str) -> list[closing.Done]:
    with brand_scope(brand_id):
        bookings = late.told()
        borrowers = _borrowers(bookings)
        days = _closed_since(min((told.from_day for told in bookings), default=date.max))
    done = [closing.do(brand_id, day, name, shares=_shares(borrowers, day)) for day in days for name in STEPS]
    for loan_id in {told.loan_id for told in bookings}:
        with identity.acting(identity.SYSTEM), brand_scope(brand_id):
            payments.follow(loans.get(loan_id))
    with brand_scope(brand_id):
        late.done(bookings)
    return done


def _borrowers(bookings: Sequence[late.LateBooking]) -> dict[UUID, date]:
    """Whose days are to be closed again, and from which day on: a class is the borrower's, of all their loans."""
    known = loans.by_ids({told.loan_id for told in bookings})
    since: dict[UUID, date] = {}
    for told in bookings:
        customer_id = known[told.loan_id].customer_id
        since[customer_id] = min(told.from_day, since.get(customer_id, date.max))
    return since


def _shares(borrowers: dict[UUID, date], day: date) -> list[Share]:
    chosen = [customer_id for customer_id, since in borrowers.items() if since <= day]
    size = book.CUSTOMERS_AT_ONCE
    return [Share(only=tuple(chosen[start : start + size])) for start in range(0, len(chosen), size)]


def _closed_since(first: date) -> list[date]:
    rows = EodStep.select(EodStep.on_date).where(EodStep.step == "snapshot", EodStep.on_date >= first)
    return [row.on_date for row in rows.order_by(EodStep.on_date)]
