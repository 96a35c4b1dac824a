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
from app.ledger.events import (
    BounceCharged,
    CooledOff,
    DisbursalReversed,
    Disbursed,
    Event,
    Kind,
    Paid,
    Part,
    PenalCharged,
    Recovered,
    Refunded,
    Reversed,
    Settled,
    SuspenseIn,
    SuspenseOut,
    SuspensePlaced,
    Waived,
    WrittenOff,
)
from app.ledger.postings import entries_for
from app.loans import service as loans
from app.loans.service import Loan
from reports.balance import balance, balances
from tests.lending import approved, at_work
from tests.platform import Platform

DAYS = 120
FIRST = today() - timedelta(days=DAYS)
SQL = (
    f"SELECT b.principal, b.interest, b.penal, b.charge FROM loan l, LATERAL ({balance('%(as_of)s')}) b"
    " WHERE l.id = %(loan_id)s"
)
TOGETHER = (
    "SELECT b.principal, b.interest, b.penal, b.charge"
    f" FROM ({balances('%(as_of)s::date', 'l.id = %(loan_id)s')}) b WHERE b.loan_id = %(loan_id)s"
)

later = st.integers(0, DAYS - 1)
amounts = st.decimals(Decimal("0.01"), Decimal("30000.00"), places=2)
parts = st.sampled_from(Part)
makers = st.sampled_from(
    [
        *[
            lambda on, ref, amount, part, kind=kind: kind(on, ref, amount)
            for kind in (
                Paid,
                Paid,
                PenalCharged,
                Recovered,
                Refunded,
                SuspenseIn,
                SuspenseOut,
                SuspensePlaced,
            )
        ],
        lambda on, ref, amount, part: BounceCharged(on, ref, amount, Decimal("1.80")),
        lambda on, ref, amount, part: Waived(on, ref, part, amount),
        lambda on, ref, amount, part: CooledOff(on, ref, Decimal("10.00"), Decimal("1.80")),
        lambda on, ref, amount, part: Reversed(on, f"R{ref}", Kind.PAYMENT, "E0"),
        lambda on, ref, amount, part: Settled(on, ref),
        lambda on, ref, amount, part: WrittenOff(on, ref),
    ]
)
happenings = st.lists(st.tuples(makers, later, amounts, parts), max_size=7)


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
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    happened=happenings,
    principal=amounts,
    rate=st.decimals(Decimal("0.0001"), Decimal("2.0000"), places=4),
    as_of=later,
    reversed_on=st.none() | later,
    order=st.permutations(list(Part)),
)
def test_a_day_in_sql_is_the_day_of_the_ledger(loan, happened, principal, rate, as_of, reversed_on, order):
    disbursed = Disbursed(FIRST, "D1", principal)
    events = [disbursed] + [
        make(FIRST + timedelta(days=day), f"E{n}", amount, part)
        for n, (make, day, amount, part) in enumerate(happened)
    ]
    if reversed_on is not None:
        events.append(DisbursalReversed(FIRST + timedelta(days=reversed_on), "D1"))
    day = FIRST + timedelta(days=as_of)
    with db.atomic() as transaction:
        loan.change(roi_percent_per_day=rate, due_date=FIRST + timedelta(days=30), payment_order=list(order))
        book(loan, events)
        told = service.outstanding_as_of(loan.id, day)
        found = [
            db.execute_sql(sql, {"loan_id": loan.id, "as_of": day}).fetchone() for sql in (SQL, TOGETHER)
        ]
        transaction.rollback()
    assert found == [(told.principal, told.interest, told.penal, told.charges)] * 2
