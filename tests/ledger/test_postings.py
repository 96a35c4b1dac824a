"""The books: whatever happens, in whatever order it is told."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.ledger.events import (
    BounceCharged,
    DisbursalReversed,
    Disbursed,
    Event,
    InterestAccrued,
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
    TurnedBad,
    Upgraded,
    Waived,
    WrittenOff,
)
from app.ledger.postings import EARNED, SUSPENDED, Account, Entry, entries_for, event_of, position, total
from app.ledger.replay import Terms, replay

CREDITED = date(2026, 3, 2)
DUE = date(2026, 4, 1)
TERMS = Terms(Decimal("1.00"), DUE)
LOAN = Disbursed(CREDITED, "L-D1", Decimal("20000.00"), Decimal("2000.00"), Decimal("360.00"))


def book(events: list[Event], terms: Terms = TERMS) -> list[Entry]:
    """The journal of events booked one after the other."""
    entries: list[Entry] = []
    for number, event in enumerate(events):
        entries += entries_for(events[:number], event, terms)
    return entries


def test_a_disbursal_owes_the_principal_and_earns_the_fee():
    (entry,) = book([LOAN])
    assert entry.kind is Kind.DISBURSAL
    assert entry.amounts == {
        Account.PRINCIPAL: Decimal("20000.00"),
        Account.BANK: Decimal("-17640.00"),
        Account.FEE_INCOME: Decimal("-2000.00"),
        Account.GST_PAYABLE: Decimal("-360.00"),
    }


def test_a_payment_books_the_interest_of_its_day_first():
    entries = book([LOAN, Paid(CREDITED + timedelta(days=18), "pay_1", Decimal("23600.00"))])
    assert [entry.kind for entry in entries] == [Kind.DISBURSAL, Kind.INTEREST, Kind.PAYMENT]
    assert entries[2].amounts == {
        Account.COLLECTION: Decimal("23600.00"),
        Account.INTEREST_RECEIVABLE: Decimal("-3600.00"),
        Account.PRINCIPAL: Decimal("-20000.00"),
    }


def test_money_beyond_what_is_owed_is_the_customers():
    entries = book([LOAN, Paid(DUE, "pay_1", Decimal("27000.00"))])
    assert entries[-1].amounts[Account.EXCESS_PAYABLE] == Decimal("-1000.00")


def test_a_payment_on_a_closed_loan_is_all_excess():
    entries = book([LOAN, Paid(DUE, "pay_1", Decimal("26000.00")), Paid(DUE, "pay_2", Decimal("26000.00"))])
    assert entries[-1].amounts == {
        Account.COLLECTION: Decimal("26000.00"),
        Account.EXCESS_PAYABLE: Decimal("-26000.00"),
    }


def test_a_late_told_payment_takes_back_interest_that_was_booked():
    on_day_20 = Paid(CREDITED + timedelta(days=20), "pay_1", Decimal("5000.00"))
    on_day_10 = Paid(CREDITED + timedelta(days=10), "pay_2", Decimal("12000.00"))
    entries = book([LOAN, on_day_20, on_day_10])
    correction = entries[-2]
    assert correction.kind is Kind.INTEREST
    assert correction.amounts[Account.INTEREST_INCOME] == Decimal("1000.00")  # ten days of interest on 10,000


def test_a_reversal_leaves_nothing():
    assert total(book([LOAN, DisbursalReversed(DUE, "L-D1")])) == {}


def test_a_reversal_takes_back_interest_and_gives_back_payments():
    events = [LOAN, Paid(DUE, "pay_1", Decimal("700.00")), DisbursalReversed(DUE, "L-D1")]
    balances = total(book(events))
    assert balances == {Account.COLLECTION: Decimal("700.00"), Account.EXCESS_PAYABLE: Decimal("-700.00")}


BAD = TurnedBad(DUE + timedelta(days=90), "npa")


def balances(*after: Event) -> dict[Account, Decimal]:
    """Of a loan of which nothing was paid 90 days after its due date, with a bounce and its tax, and what came then."""
    return total(book([LOAN, BounceCharged(DUE, "b", Decimal("500.00"), Decimal("90.00")), BAD, *after]))


def test_what_an_npa_owes_beside_principal_is_no_income():
    held = balances(InterestAccrued(BAD.on + timedelta(days=10), "later"))
    assert held[Account.INTEREST_SUSPENSE] == Decimal("-26000.00")  # 130 days of 200
    assert held[Account.CHARGES_SUSPENSE] == Decimal("-500.00")
    assert held[Account.GST_PAYABLE] == Decimal("-450.00")
    assert held[Account.FEE_INCOME] == Decimal("-2000.00")
    assert not {*EARNED.values()} & {*held}


def test_what_an_npa_pays_is_income():
    held = balances(Paid(BAD.on, "p", Decimal("7000.00")))
    assert held[Account.INTEREST_INCOME] == Decimal("-7000.00")
    assert held[Account.INTEREST_SUSPENSE] == Decimal("-17000.00")


def test_of_a_loan_that_is_good_again_all_is_income():
    held = balances(Upgraded(BAD.on + timedelta(days=5), "good"))
    assert held[Account.INTEREST_INCOME] == Decimal("-25000.00")  # five days more
    assert not {*SUSPENDED.values()} & {*held}


def test_a_loss_of_what_was_no_income_costs_nothing():
    held = balances(WrittenOff(BAD.on + timedelta(days=1), "w"))
    # the principal, and the tax that is paid on what was charged
    assert held[Account.WRITE_OFF] == Decimal("20090.00")
    assert not {*EARNED.values(), *SUSPENDED.values()} & {*held}


# how long an example takes says something about the machine, nothing about the books
in_peace = settings(deadline=None, max_examples=50)
amounts = st.decimals("0.01", "40000.00", places=2)
days = st.integers(0, 120).map(lambda n: CREDITED + timedelta(days=n))
references = st.uuids().map(str)
payments = st.builds(Paid, on=days, reference=references, amount=amounts)
charges = st.builds(
    PenalCharged, on=days, reference=references, amount=st.decimals("0.01", "900.00", places=2)
)
loans = st.builds(
    Disbursed,
    on=st.just(CREDITED),
    reference=st.just("L-D1"),
    principal=st.decimals("5000.00", "100000.00", places=2),
    fee=st.decimals("0.00", "3000.00", places=2),
    gst=st.decimals("0.00", "540.00", places=2),
)
terms = st.builds(
    Terms,
    rate_percent_per_day=st.decimals("0.0000", "2.7500", places=4),
    due_date=days,
    allocation=st.permutations(list(Part)).map(tuple),
    interest_step=st.sampled_from([Decimal(1), Decimal("0.01")]),
)
anything = st.one_of(
    payments,
    charges,
    st.builds(BounceCharged, on=days, reference=references, amount=amounts, gst=amounts),
    st.builds(Waived, on=days, reference=references, part=st.sampled_from(Part), amount=amounts),
    *[
        st.builds(kind, on=days, reference=references, amount=amounts)
        for kind in (Recovered, SuspenseIn, SuspensePlaced, SuspenseOut, Refunded)
    ],
    *[
        st.builds(kind, on=days, reference=references)
        for kind in (Settled, WrittenOff, InterestAccrued, TurnedBad, Upgraded)
    ],
)


@st.composite
def lives(draw) -> list[Event]:
    """Whatever can happen to a loan, and some of it taken back."""
    told = [draw(loans), *draw(st.lists(anything, max_size=7, unique_by=lambda event: event.reference))]
    undone = draw(st.lists(st.sampled_from(told), max_size=2, unique_by=lambda event: event.reference))
    return told + [
        Reversed(draw(days), f"R{event.reference}", event.kind, event.reference) for event in undone
    ]


stories = st.tuples(loans, st.lists(payments | charges, max_size=8)).map(lambda told: [told[0], *told[1]])


@in_peace
@given(lives(), terms)
def test_every_entry_balances(story: list[Event], agreed: Terms):
    for entry in book(story, agreed):
        assert sum(entry.amounts.values()) == 0


@in_peace
@given(lives(), terms)
def test_the_journal_comes_to_the_state(story: list[Event], agreed: Terms):
    last = max(event.on for event in story)
    expected = {
        account: amount for account, amount in position(replay(story, last, agreed)).items() if amount
    }
    assert total(book(story, agreed)) == expected


@in_peace
@given(lives(), terms, days)
def test_an_npa_has_earned_no_more_than_was_paid_or_given_up_of_what_was_earned(
    story: list[Event], agreed: Terms, as_of: date
):
    state = replay(story, as_of, agreed)
    held = position(state)
    for part, account in EARNED.items():
        unearned = state.waived_unearned[part] + state.written_off_unearned[part]
        given_up = state.waived[part] + state.written_off[part] - unearned
        suspended = -held[SUSPENDED[part]]
        assert 0 <= -held[account] + suspended <= state.charged[part]
        assert -held[account] <= state.paid[part] + given_up if state.npa else suspended == 0


@in_peace
@given(lives(), terms, days)
def test_no_part_is_ever_below_zero(story: list[Event], agreed: Terms, as_of: date):
    state = replay(story, as_of, agreed)
    assert all(state.outstanding(part) >= 0 for part in Part)


@in_peace
@given(stories, terms, days)
def test_what_was_paid_is_settled_or_in_excess(story: list[Event], agreed: Terms, as_of: date):
    state = replay(story, as_of, agreed)
    received = sum(event.amount for event in story if isinstance(event, Paid) and event.on <= as_of)
    assert sum(state.paid.values()) + state.excess == state.received == received


@in_peace
@given(lives(), terms, days)
def test_no_money_disappears(story: list[Event], agreed: Terms, as_of: date):
    state = replay(story, as_of, agreed)
    kept = state.excess + state.refunded + state.moved_out
    assert state.received == sum(state.paid.values()) + state.recovered + kept


@in_peace
@given(stories, terms)
def test_each_payment_is_booked_to_the_paisa(story: list[Event], agreed: Terms):
    paid = {event.reference: event.amount for event in story if isinstance(event, Paid)}
    booked = {e.reference: e.amounts for e in book(story, agreed) if e.kind is Kind.PAYMENT}
    assert {reference: lines[Account.COLLECTION] for reference, lines in booked.items()} == paid


@in_peace
@given(lives(), terms, st.randoms(use_true_random=False))
def test_the_order_of_booking_does_not_matter(story: list[Event], agreed: Terms, random):
    told = story[1:]
    random.shuffle(told)
    assert total(book([story[0], *told], agreed)) == total(book(story, agreed))


@in_peace
@given(lives(), terms)
def test_the_events_can_be_read_back_from_the_journal(story: list[Event], agreed: Terms):
    told = [event_of(entry) for entry in book(story, agreed)]
    assert [event for event in told if event.kind is not Kind.INTEREST] == [
        event for event in story if event.kind is not Kind.INTEREST
    ]


@in_peace
@given(stories, terms, days)
def test_paying_what_is_outstanding_closes_the_loan(story: list[Event], agreed: Terms, on: date):
    settled = [event for event in story if event.on <= on]
    left = replay(settled, on, agreed).total
    closed = [*settled, Paid(on, "last", left)] if left else settled
    assert replay(closed, on + timedelta(days=300), agreed).total == 0
