"""The presentations of a day: as a list, and as the file that whoever watches the debits works from."""

from collections.abc import Iterator
from datetime import date

from peewee import ModelSelect

from app.core.database import brand_scope, current_brand
from app.core.spreadsheet import csv_head, csv_lines
from app.loans.service import Loan
from app.mandates.service import Mandate
from app.payments.models import MandatePresentation
from reports.masks import ACCOUNT

SORTABLE = {
    "presentOn": MandatePresentation.present_on,
    "amount": MandatePresentation.amount,
    "createdAt": MandatePresentation.created_at,
}
HEAD = (
    "Presentation", "Loan", "Attempt", "Gateway", "Method", "UMRN", "Amount", "Present on", "Status", "Reason code",
)  # fmt: skip
_AT_ONCE = 5_000


def search(present_on: date | None = None, status: str | None = None) -> ModelSelect:
    """The presentations of the brand, all or of a day or status."""
    query = MandatePresentation.select()
    query = query.where(MandatePresentation.present_on == present_on) if present_on else query
    return query.where(MandatePresentation.status == status) if status else query


def lines(present_on: date) -> Iterator[bytes]:
    """The file of a day as CSV, in pieces; a UMRN by its end."""
    return _lines(current_brand(), present_on)


def _lines(brand_id: str, present_on: date) -> Iterator[bytes]:
    yield csv_head(HEAD)
    last = None
    while True:
        # the request's transaction has ended when the rows go out
        with brand_scope(brand_id):
            query = search(present_on).order_by(MandatePresentation.id).limit(_AT_ONCE)
            found = list(query.where(MandatePresentation.id > last) if last else query)
            piece = csv_lines(_rows(found))
        if not found:
            return
        last = found[-1].id
        yield piece


def _rows(found: list[MandatePresentation]) -> Iterator[list[object]]:
    mandates = {m.id: m for m in Mandate.select().where(Mandate.id.in_([one.mandate_id for one in found]))}
    numbers = dict(
        Loan.select(Loan.id, Loan.loan_no).where(Loan.id.in_([one.loan_id for one in found])).tuples()
    )
    for one in found:
        mandate = mandates[one.mandate_id]
        umrn = ACCOUNT.text(mandate.umrn)
        yield [one.id, numbers[one.loan_id], one.attempt, mandate.provider, mandate.method, umrn, one.amount,
               one.present_on, one.status, one.code]  # fmt: skip
