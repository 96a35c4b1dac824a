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
    known_since,
    rest_of,
)
from app.ledger.postings import entries_for
from app.ledger.replay import replay
from app.loans import service as loans
from app.loans.service import Loan
from reports.balance import balance, balances
from tests.lending import approved, at_work
from tests.platform import Platform

DAYS = 40
FIRST = today() - timedelta(days=DAYS)
EVERY = [FIRST + timedelta(days=n) for n in range(DAYS)]
SQL = f"""
    SELECT b.principal, b.interest, b.penal, b.charge FROM unnest(%(days)s::date[]) d(day), loan l,
    LATERAL ({balance("d.day")}) b WHERE l.id = %(loan_id)s ORDER BY d.day"""
TOGETHER = f"""
    SELECT b.principal, b.interest, b.penal, b.charge FROM unnest(%(days)s::date[]) d(day),
    LATERAL ({balances("d.day", "l.id = %(loan_id)s")}) b ORDER BY d.day"""

PARTS = (Part.PRINCIPAL, Part.INTEREST, Part.PENAL, Part.CHARGE)

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
        lambda on, ref, amount, part: Reversed(on, f"R{ref}", Kind.PAYMENT, "E0:rest"),
        lambda on, ref, amount, part: Settled(on, ref),
        lambda on, ref, amount, part: WrittenOff(on, ref),
    ]
)
# on which day, and from which day on the books know it
happenings = st.lists(st.tuples(makers, later, amounts, parts, st.just(0) | later), max_size=7)


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
    kept=st.none() | st.tuples(later, amounts, amounts),
    reversed_on=st.none() | later,
    order=st.permutations(list(Part)),
)
def test_every_day_in_sql_is_the_day_of_the_ledger(loan, happened, principal, rate, kept, reversed_on, order):
    disbursed = Disbursed(FIRST, "D1", principal)
    events = [disbursed] + [
        known_since(FIRST + timedelta(days=since), make(FIRST + timedelta(days=day), f"E{n}", amount, part))
        for n, (make, day, amount, part, since) in enumerate(happened)
    ]
    if kept:
        (on, more, held), paid = kept, Paid(FIRST, "E0", Decimal("30000.00"))
        events += rest_of(paid, FIRST + timedelta(days=on), max(more, held), min(more, held))
    if reversed_on is not None:
        events.append(DisbursalReversed(FIRST + timedelta(days=reversed_on), "D1"))
    with db.atomic() as transaction:
        loan.change(roi_percent_per_day=rate, due_date=FIRST + timedelta(days=30), payment_order=list(order))
        book(loan, events)
        booked, terms = service._events(loan.id), service._terms(loan)
        values = {"loan_id": loan.id, "days": EVERY}
        found = [db.execute_sql(sql, values).fetchall() for sql in (SQL, TOGETHER)]
        transaction.rollback()
    states = [replay(booked, day, terms) for day in EVERY]
    assert found == [[tuple(map(state.outstanding, PARTS)) for state in states]] * 2
