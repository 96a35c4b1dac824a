"""Any life of a loan: the books balance, nothing is lost, and every state is one that its table leads to."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.core.money import ZERO
from app.ledger.events import (
    MONEY_IN,
    BounceCharged,
    CooledOff,
    DisbursalReversed,
    Disbursed,
    Event,
    Foreclosed,
    ForeclosureCharged,
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
    rest_of,
)
from app.ledger.postings import OWED, Account, entries_for, position, total
from app.ledger.replay import LoanState, Terms, in_order, replay
from app.loans.states import LOAN
from app.payments.booking import WHEN_SOMETHING_IS_LEFT

CREDITED = date(2026, 3, 2)
amounts = st.decimals("0.01", "15000.00", places=2)
back = st.integers(0, 20)


MONEY, LEVIES = (Paid, Foreclosed, Recovered), (PenalCharged, BounceCharged, ForeclosureCharged)
USES, ENDS, CLASSES = (SuspensePlaced, SuspenseOut, Refunded), (Settled, WrittenOff), (TurnedBad, Upgraded)
OTHERS = (Disbursed, DisbursalReversed, InterestAccrued, CooledOff, Waived, SuspenseIn, Reversed)
# how a payout that came back goes out again
AGAIN = ("APPROVED", "DISBURSAL_IN_PROCESS", "DISBURSED", "ACTIVE")


class Life(RuleBasedStateMachine):
    """Days go by, and on each of them something is booked: of that day, or of an earlier one."""

    @initialize(order=st.permutations(list(Part)), principal=st.decimals("5000.00", "30000.00", places=2))
    def disburse(self, order: list[Part], principal: Decimal) -> None:
        self.terms = Terms(Decimal("1.00"), CREDITED + timedelta(days=30), tuple(order))
        self.today, self.number, self.status = CREDITED, 0, "ACTIVE"
        self.events: list[Event] = []
        self.entries: list = []
        self.book(Disbursed(CREDITED, "D1", principal, Decimal("900.00"), Decimal("162.00")))

    def book(self, event: Event) -> None:
        self.entries += entries_for(self.events, event, self.terms)
        self.events.append(event)

    def next(self, kind: type[Event], *facts: object, days_back: int = 0) -> None:
        self.number += 1
        on = max(CREDITED, self.today - timedelta(days=days_back))
        self.book(kind(on, f"E{self.number}", *facts))

    @property
    def state(self) -> LoanState:
        return replay(self.events, self.today, self.terms)

    def move(self, target: str | None) -> None:
        """As payments do; what the table does not have would be refused."""
        if target and target != self.status:
            assert (self.status, target) in LOAN.steps
            self.status = target

    def paid(self) -> None:
        if self.status in WHEN_SOMETHING_IS_LEFT:
            self.move(WHEN_SOMETHING_IS_LEFT[self.status] if self.state.total else "PAID")

    @rule(days=st.integers(1, 15))
    def time_goes_by(self, days: int) -> None:
        self.today += timedelta(days=days)
        if (
            self.status in ("ACTIVE", "PARTIALLY_PAID")
            and self.today > self.terms.due_date
            and self.state.total
        ):
            self.move("OVERDUE")

    @rule()
    def interest_is_booked(self) -> None:
        self.next(InterestAccrued)

    @rule(amount=amounts, days_back=back, kind=st.sampled_from([Paid, *MONEY]))
    def money_comes(self, amount: Decimal, days_back: int, kind: type[Paid]) -> None:
        self.next(kind, amount, days_back=days_back)
        self.paid()

    @rule(amount=st.decimals("1.00", "900.00", places=2), kind=st.sampled_from(LEVIES))
    def something_is_charged(self, amount: Decimal, kind: type[Event]) -> None:
        self.next(kind, amount, Decimal("1.80"))

    @rule(part=st.sampled_from(Part), amount=amounts, days_back=back)
    def something_is_waived(self, part: Part, amount: Decimal, days_back: int) -> None:
        self.next(Waived, part, amount, days_back=days_back)

    @rule(amount=amounts)
    def money_is_held(self, amount: Decimal) -> None:
        self.next(SuspenseIn, amount)

    @rule(kind=st.sampled_from(USES))
    def the_excess_is_used(self, kind: type[Event]) -> None:
        if self.state.excess > 0:
            self.next(kind, self.state.excess)
            self.paid()

    @rule(kind=st.sampled_from(CLASSES), days_back=back)
    def it_is_classified(self, kind: type[Event], days_back: int) -> None:
        owed = self.state.total
        self.next(kind, days_back=days_back)
        assert self.state.total == owed

    @rule()
    def it_is_given_back(self) -> None:
        counting = in_order(self.events, self.today)
        if self.status == "ACTIVE" and not any(isinstance(event, CooledOff) for event in counting):
            self.next(CooledOff, Decimal("900.00"), Decimal("162.00"))

    @rule()
    def the_payout_comes_back_and_goes_out_again(self) -> None:
        (paid_out,) = [event for event in in_order(self.events, self.today) if isinstance(event, Disbursed)]
        if self.status == "ACTIVE" and paid_out.on < self.today:
            self.book(DisbursalReversed(self.today, paid_out.reference))
            self.next(Disbursed, paid_out.principal, Decimal("900.00"), Decimal("162.00"))
            for state in AGAIN:
                self.move(state)

    @rule(kind=st.sampled_from(ENDS), days_back=back)
    def the_rest_is_given_up(self, kind: type[Event], days_back: int) -> None:
        self.next(kind, days_back=days_back)

    @rule()
    def the_loan_is_closed(self) -> None:
        if self.status == "PAID" and not self.state.total:
            self.move("COMPLETED")

    @rule(data=st.data(), kept=st.sampled_from(["0", "0.5", "0.9"]), held=st.sampled_from(["0", "0.3", "1"]))
    def something_is_taken_back(self, data: st.DataObject, kept: str, held: str) -> None:
        counting = [event for event in in_order(self.events, self.today) if not isinstance(event, Disbursed)]
        if counting:
            event, past = data.draw(st.sampled_from(counting)), self.past()
            self.next(Reversed, event.kind, event.reference)
            if isinstance(event, MONEY_IN):
                stays = (event.amount * Decimal(kept)).quantize(Decimal("0.01"))
                waits = (stays * Decimal(held)).quantize(Decimal("0.01"))
                for rest in rest_of(event, self.today, stays, waits):
                    self.book(rest)
            # no day before it knows of it
            assert self.past() == past
            if self.state.total:
                self.owed_again()
            else:
                self.paid()

    def past(self) -> list[LoanState]:
        days = range(1, (self.today - CREDITED).days + 1)
        return [replay(self.events, self.today - timedelta(days=n), self.terms) for n in days]

    def owed_again(self) -> None:
        """As the closure does: whatever it was, the loan stands where its figures say."""
        paid = any(isinstance(event, Paid) for event in in_order(self.events, self.today))
        early = "PARTIALLY_PAID" if paid else "ACTIVE"
        target = "OVERDUE" if self.today > self.terms.due_date else early
        if self.status != "OVERDUE":
            self.move(target)

    @invariant()
    def every_entry_balances(self) -> None:
        assert all(sum(entry.amounts.values()) == 0 for entry in self.entries)

    @invariant()
    def the_journal_comes_to_the_state(self) -> None:
        last = max(event.known_on for event in self.events)
        told = position(replay(self.events, last, self.terms))
        assert total(self.entries) == {account: amount for account, amount in told.items() if amount}

    @invariant()
    def what_is_owed_is_what_was_charged_less_what_was_received_or_given_up(self) -> None:
        state = self.state
        gone = sum(state.waived.values()) + sum(state.written_off.values())
        kept = state.excess + state.refunded + state.moved_out + state.recovered
        assert state.total == sum(state.charged.values(), ZERO) - (state.received - kept) - gone
        assert state.total == sum(position(state)[account] for account in OWED.values())
        assert all(state.outstanding(part) >= 0 for part in Part)

    @invariant()
    def the_order_of_telling_does_not_matter(self) -> None:
        assert replay(self.events[::-1], self.today, self.terms) == self.state
        assert position(self.state)[Account.COLLECTION] == self.state.received - self.state.moved_out


TestLife = Life.TestCase
TestLife.settings = settings(deadline=None, max_examples=15, stateful_step_count=20)


def test_every_kind_of_event_is_a_part_of_it():
    told = (*MONEY, *LEVIES, *USES, *ENDS, *CLASSES, *OTHERS)
    assert {each.kind for each in told} == set(Kind)
