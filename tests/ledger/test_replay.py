"""The pure core: small ledgers, and what each comes to."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.ledger.events import (
    BounceCharged,
    CooledOff,
    DisbursalReversed,
    Disbursed,
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
from app.ledger.postings import position
from app.ledger.replay import Terms, replay

CREDITED = date(2026, 3, 2)
DUE = date(2026, 4, 1)
TERMS = Terms(Decimal("1.00"), DUE)


def day(number: int) -> date:
    """`number` days after the money was credited."""
    return CREDITED + timedelta(days=number)


def loan(principal: str = "20000.00") -> Disbursed:
    return Disbursed(CREDITED, "L-D1", Decimal(principal), Decimal("2000.00"), Decimal("360.00"))


def paid(on: date, amount: str, reference: str = "P1") -> Paid:
    return Paid(on, reference, Decimal(amount))


def total(events: list, as_of: date, terms: Terms = TERMS) -> Decimal:
    return replay(events, as_of, terms).total


def test_a_bullet_loan_costs_interest_for_the_days_it_was_out():
    assert total([loan()], day(30)) == Decimal("26000.00")


def test_nothing_is_owed_before_the_credit():
    assert total([loan()], day(-1)) == 0


def test_the_day_of_the_credit_bears_no_interest():
    assert total([loan()], CREDITED) == Decimal("20000.00")


@pytest.mark.parametrize(("days", "expected"), [(1, "20200"), (18, "23600"), (30, "26000")])
def test_closing_early_costs_interest_to_date_only(days: int, expected: str):
    assert total([loan()], day(days)) == Decimal(expected)
    assert total([loan(), paid(day(days), expected)], day(60)) == 0


# principal, percent a day, days, repayment: fee and net play no part
REPAYMENTS = [
    ("5000", "1.00", 7, "5350"),
    ("10000", "1.00", 27, "12700"),
    ("12345", "1.00", 11, "13703"),
    ("15000", "0.75", 35, "18938"),
    ("20000", "1.00", 30, "26000"),
    ("30000", "0.90", 22, "35940"),
    ("50000", "1.00", 40, "70000"),
    ("100000", "0.50", 90, "145000"),
]


@pytest.mark.parametrize(("principal", "rate", "days", "repayment"), REPAYMENTS)
def test_what_is_due_on_the_due_date_is_the_repayment_amount(
    principal: str, rate: str, days: int, repayment: str
):
    terms = Terms(Decimal(rate), day(days))
    assert total([loan(principal)], day(days), terms) == Decimal(repayment)


# 20,000 with 6,000 of interest and 4,000 of penal charges: payment, order, then what it settles
ALLOCATIONS = [
    ("15000", "INTEREST PRINCIPAL PENAL", {"PENAL": 0, "INTEREST": 6000, "PRINCIPAL": 9000}, 0),
    ("15000", "PENAL INTEREST PRINCIPAL", {"PENAL": 4000, "INTEREST": 6000, "PRINCIPAL": 5000}, 0),
    ("15000", "PRINCIPAL INTEREST PENAL", {"PENAL": 0, "INTEREST": 0, "PRINCIPAL": 15000}, 0),
    ("31000", "INTEREST PRINCIPAL PENAL", {"PENAL": 4000, "INTEREST": 6000, "PRINCIPAL": 20000}, 1000),
    ("31000", "PENAL INTEREST PRINCIPAL", {"PENAL": 4000, "INTEREST": 6000, "PRINCIPAL": 20000}, 1000),
    ("31000", "PRINCIPAL INTEREST PENAL", {"PENAL": 4000, "INTEREST": 6000, "PRINCIPAL": 20000}, 1000),
]


@pytest.mark.parametrize(("amount", "order", "settled", "excess"), ALLOCATIONS)
def test_a_payment_settles_the_parts_in_the_order_of_the_terms(
    amount: str, order: str, settled: dict, excess: int
):
    terms = Terms(Decimal("1.00"), DUE, tuple(Part(name) for name in order.split()))
    events = [loan(), PenalCharged(DUE, "PC1", Decimal(4000)), paid(DUE, amount)]
    state = replay(events, DUE, terms)
    assert state.paid == settled | {Part.CHARGE: 0}
    assert state.excess == excess


def test_interest_goes_on_with_the_remaining_principal():
    events = [loan(), paid(day(10), "12000.00")]  # 2,000 of interest, 10,000 of principal
    assert total(events, day(30)) == Decimal("12000.00")


def test_interest_goes_on_after_the_due_date():
    assert total([loan()], day(35)) == Decimal("27000.00")


def test_a_penal_charge_bears_no_interest():
    charged = PenalCharged(day(31), "PC1", Decimal("500.00"))
    assert total([loan(), charged], day(40)) - total([loan()], day(40)) == Decimal("500.00")


def test_a_late_booked_payment_counts_from_its_day():
    first, late = paid(day(20), "5000.00", "P1"), paid(day(10), "10000.00", "P2")
    assert replay([loan(), first, late], day(30), TERMS) == replay([loan(), late, first], day(30), TERMS)


def test_a_reversed_disbursal_is_owed_by_nobody():
    events = [loan(), DisbursalReversed(day(3), "L-D1")]
    assert total(events, day(2)) == Decimal("20400.00")
    assert total(events, day(3)) == 0
    assert replay(events, day(9), TERMS).charged[Part.INTEREST] == 0


def test_a_second_disbursal_on_the_day_of_the_reversal_counts():
    events = [loan(), DisbursalReversed(CREDITED, "L-D1"), Disbursed(CREDITED, "L-D2", Decimal(20000))]
    assert total(events, day(30)) == Decimal("26000.00")


def test_money_paid_on_a_reversed_loan_belongs_to_the_customer():
    events = [loan(), paid(day(2), "700.00"), DisbursalReversed(day(3), "L-D1")]
    assert replay(events, day(3), TERMS).excess == Decimal("700.00")


@pytest.mark.parametrize(("days_after_due", "expected"), [(-5, 0), (0, 0), (1, 1), (45, 45)])
def test_days_past_due_count_from_the_day_after_the_due_date(days_after_due: int, expected: int):
    assert replay([loan()], DUE + timedelta(days=days_after_due), TERMS).days_past_due == expected


def test_a_paid_loan_is_not_past_due():
    assert replay([loan(), paid(DUE, "26000.00")], DUE + timedelta(days=90), TERMS).days_past_due == 0


def test_a_bounce_charge_comes_with_its_tax():
    state = replay([loan(), BounceCharged(day(5), "B1", Decimal("500.00"), Decimal("90.00"))], day(5), TERMS)
    assert (state.outstanding(Part.CHARGE), state.gst_levied[Part.CHARGE]) == (
        Decimal("590.00"),
        Decimal("90.00"),
    )


def test_what_is_waived_is_owed_no_more_and_never_more_than_was_owed():
    waived = Waived(day(30), "W1", Part.INTEREST, Decimal("7000.00"))
    assert total([loan(), waived], day(30)) == Decimal("20000.00")
    assert total([loan(), waived], day(31)) == Decimal("20200.00")


def test_a_settlement_gives_up_what_is_left():
    events = [loan(), paid(day(50), "21000.00"), Settled(day(50), "S1")]
    state = replay(events, day(90), TERMS)
    assert (state.total, sum(state.waived.values())) == (0, Decimal("9000.00"))


def test_what_is_paid_after_a_write_off_is_recovered_and_the_rest_is_the_customers():
    events = [loan(), WrittenOff(day(30), "WO"), Recovered(day(40), "P1", Decimal("30000.00"))]
    state = replay(events, day(60), TERMS)
    assert (state.total, state.lost, state.recovered) == (0, 0, Decimal("26000.00"))
    assert state.excess == Decimal("4000.00")


def test_what_is_settled_or_waived_of_what_was_written_off_is_asked_for_no_more():
    lost = [loan(), WrittenOff(day(30), "WO"), Recovered(day(40), "P1", Decimal("9000.00"))]
    waived = replay([*lost, Waived(day(41), "W1", Part.PENAL, Decimal("1000.00"))], day(60), TERMS)
    assert (waived.lost, waived.forgone, sum(waived.waived.values())) == (16_000, 1_000, 0)
    settled = [*lost, Settled(day(41), "S1")]
    assert position(replay(settled, day(60), TERMS)) == position(replay(lost, day(60), TERMS))
    assert replay(settled, day(60), TERMS).lost == 0
    more = [*settled, paid(day(50), "500.00")]
    assert replay(more, day(60), TERMS).excess == Decimal("500.00")
    told_late = Recovered(day(40), "P2", Decimal("20000.00"))
    assert replay([*settled, told_late], day(60), TERMS).excess == Decimal("3000.00")


def test_a_payment_told_after_the_write_off_but_made_before_makes_it_smaller():
    events = [loan(), WrittenOff(day(30), "WO"), paid(day(30), "6000.00")]
    assert replay(events, day(60), TERMS).lost == Decimal("20000.00")


def test_money_in_suspense_settles_nothing_until_it_is_placed():
    held = [loan(), SuspenseIn(day(10), "P1", Decimal("22000.00"))]
    assert total(held, day(10)) == Decimal("22000.00")
    placed = replay([*held, SuspensePlaced(day(10), "S1", Decimal("22000.00"))], day(60), TERMS)
    assert (placed.total, placed.excess) == (0, 0)


def test_what_goes_back_or_elsewhere_is_no_excess_any_more():
    events = [loan(), paid(day(30), "27000.00"), Refunded(day(31), "R1", Decimal("600.00"))]
    state = replay([*events, SuspenseOut(day(31), "M1", Decimal("400.00"))], day(31), TERMS)
    assert (state.excess, state.refunded, state.moved_out) == (0, Decimal("600.00"), Decimal("400.00"))


def test_a_payment_that_is_taken_back_was_never_made_from_that_day_on():
    events = [loan(), paid(day(10), "22000.00"), Reversed(day(12), "R1", Kind.PAYMENT, "P1")]
    assert total(events, day(11)) == 0
    assert total(events, day(12)) == Decimal("22400.00")


def test_giving_a_loan_back_that_was_paid_in_part_leaves_nothing_below_zero():
    gives = CooledOff(day(2), "X", Decimal("2000.00"), Decimal("360.00"))
    state = replay([loan(), paid(day(1), "19000.00"), gives], day(2), TERMS)
    assert (state.outstanding(Part.PRINCIPAL), state.excess) == (0, Decimal("1160.00"))
