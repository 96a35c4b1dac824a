"""Reports ask in SQL what a loan owed on a day: the same as the ledger says."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.clock import today
from app.core.database import db
from app.ledger import journal, service
from app.ledger.postings import entries_for
from app.ledger.replay import DisbursalReversed, Disbursed, Event, Paid, PenalCharged
from app.loans import service as loans
from app.loans.service import Loan
from reports.balance import balance
from tests.lending import approved, at_work
from tests.platform import Platform

DAYS = 120
FIRST = today() - timedelta(days=DAYS)
SQL = (
    f"SELECT b.principal, b.interest, b.penal FROM loan l, LATERAL ({balance('%(as_of)s')}) b"
    " WHERE l.id = %(loan_id)s"
)

later = st.integers(0, DAYS - 1)
amounts = st.decimals(Decimal("0.01"), Decimal("30000.00"), places=2)
happenings = st.lists(st.tuples(st.sampled_from([Paid, Paid, PenalCharged]), later, amounts), max_size=6)


@pytest.fixture(scope="module")
def loan(platform: Platform) -> Iterator[Loan]:
    case = approved(platform)
    with at_work():
        yield loans.get(case.loan_id)


def book(loan: Loan, events: list[Event]) -> None:
    """In the order given, which need not be that of their days."""
    booked: list[Event] = []
    for event in events:
        journal.write(loan.id, entries_for(booked, event, service._terms(loan)))
        booked.append(event)


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    happened=happenings,
    principal=amounts,
    rate=st.decimals(Decimal("0.0001"), Decimal("2.0000"), places=4),
    as_of=later,
    reversed_on=st.none() | later,
)
def test_a_day_in_sql_is_the_day_of_the_ledger(loan, happened, principal, rate, as_of, reversed_on):
    disbursed = Disbursed(FIRST, "D1", principal)
    events = [disbursed] + [
        kind(FIRST + timedelta(days=day), f"E{n}", amount) for n, (kind, day, amount) in enumerate(happened)
    ]
    if reversed_on is not None:
        events.append(DisbursalReversed(FIRST + timedelta(days=reversed_on), "D1"))
    day = FIRST + timedelta(days=as_of)
    with db.atomic() as transaction:
        loan.change(roi_percent_per_day=rate, due_date=FIRST + timedelta(days=30))
        book(loan, events)
        told = service.outstanding_as_of(loan.id, day)
        found = db.execute_sql(SQL, {"loan_id": loan.id, "as_of": day}).fetchone()
        transaction.rollback()
    assert found == (told.principal, told.interest, told.penal)
