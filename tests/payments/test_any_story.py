"""Any story of two loans, told through the services that own the steps: the books balance, what is owed
is what was charged less what was received or given up, and every state is one that its table leads to."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.closure import service as closure
from app.core import identity, states
from app.core.clock import now, today
from app.core.database import db
from app.core.identity import Actor, Role
from app.core.money import ZERO
from app.disbursement import cooling_off
from app.documents import papers
from app.ledger import plan
from app.ledger import service as ledger
from app.ledger.events import Kind, Part
from app.ledger.replay import replay
from app.loans import service as loans
from app.loans.states import LOAN
from app.payments import corrections, manual, service
from app.payments.models import (
    PaymentDispute,
    PaymentRefund,
    PaymentRequest,
    PaymentReversal,
    SuspenseItem,
)
from app.payments.reversals import disputes
from app.payments.reversals import proposals as reversal_proposals
from app.payments.states import DISPUTE, MANUAL, PAYMENT, REFUND, REVERSAL, SUSPENSE
from app.payments.suspense import proposals, refunds
from app.providers import money
from tests.lending import approved
from tests.payments.policies import repaid_by
from tests.payments.story import OPEN_STATES, RUNNING, WAITS, TwoLoans
from tests.platform import Platform

MAKER, CHECKER = (Actor(name, frozenset({Role.ADMIN})) for name in ("maker", "checker"))
TABLES = [
    (PaymentRequest, PAYMENT),
    (PaymentReversal, REVERSAL),
    (PaymentDispute, DISPUTE),
    (PaymentRefund, REFUND),
    (SuspenseItem, SUSPENSE),
    (manual.ManualPayment, MANUAL),
]
which = st.integers(0, 1)
# of what waits: all of it, or a part
parts = st.sampled_from([None, 1, 2, 3])
amounts = st.sampled_from(["1.00", "350.55", "9000.00", "all", "beyond"])
days_back = st.integers(0, 12)


class Story(TwoLoans):
    """What happens to them, and what always holds."""

    @initialize(ages=st.tuples(*[st.sampled_from([18, 1, 40])] * 2), firsts=st.tuples(amounts, amounts))
    def two_loans_are_paid_out_and_something_was_paid(
        self, ages: tuple[int, int], firsts: tuple[str, str]
    ) -> None:
        self.loan_ids = [case.loan_id for case in self.cases]
        self.told, self.number, self.since = ZERO, 0, now()
        for loan_id, days_ago in zip(self.loan_ids, ages, strict=True):
            self.pay_out(loan_id, today() - timedelta(days=days_ago))
        for at, said in enumerate(firsts):
            self.a_page_is_paid(at, said, 1, "REPAYMENT")

    # money in

    @rule(at=which, said=amounts, back=days_back, purpose=st.sampled_from(["REPAYMENT", "FORECLOSURE"]))
    def a_page_is_paid(self, at: int, said: str, back: int, purpose: str) -> None:
        amount = self.amount(at, said)
        if not amount:
            return
        back = min(back, (today() - self.loan(at).disbursed_at.date()).days)
        request, payment_id = self.asked(at, amount, purpose), self.next_id()
        for _ in "12":
            self.came(amount, request.id, payment_id, back)
        self.told += amount

    @precondition(lambda self: self.at_which(*RUNNING))
    @rule(data=st.data())
    def a_foreclosure_is_paid(self, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from(self.at_which(*RUNNING)))
        with self.trying():
            total = service.foreclosure.quote(self.loan(at), today()).total
            self.came(total, self.asked(at, total, "FORECLOSURE").id, self.next_id())
            self.told += total

    @precondition(lambda self: self.at_which(*RUNNING))
    @rule(data=st.data())
    def a_loan_is_given_back(self, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from(self.at_which(*RUNNING)))
        with self.trying():
            chosen = cooling_off.choose(self.loan(at))
            request_id = chosen["payment_request_id"]
            self.came(chosen["total"], request_id, self.next_id())
            cooling_off.conclude(request_id)
            self.told += chosen["total"]

    @rule(at=which, said=amounts, back=days_back, is_there=st.booleans())
    def a_payment_is_told_by_hand(self, at: int, said: str, back: int, is_there: bool) -> None:
        amount, on = self.amount(at, said), today() - timedelta(days=back)
        if not amount:
            return
        with self.trying():
            about = {"amount": amount, "method": "CASH", "reference": self.next_id(), "received_on": on}
            with identity.acting(MAKER):
                payment = manual.submit(self.loan(at), remark=None, **about)
            with identity.acting(CHECKER):
                manual.approve(payment.id, None) if is_there else manual.reject(payment.id, "No")
            self.told += amount if is_there else ZERO

    @rule(said=amounts, at=which)
    def money_comes_for_nobody_known(self, said: str, at: int) -> None:
        amount = self.amount(at, said)
        if not amount:
            return
        self.came(amount, None, self.next_id())
        self.told += amount

    # what is done with what waits

    @precondition(TwoLoans.waiting)
    @rule(data=st.data(), at=which, share=parts, is_agreed=st.sampled_from([True, True, False]))
    def what_waits_is_placed(self, data: st.DataObject, at: int, share: int | None, is_agreed: bool) -> None:
        item = data.draw(st.sampled_from(self.waiting()))
        amount = share and (item.amount / share).quantize(Decimal("0.01"))
        with self.trying():
            with identity.acting(MAKER):
                proposals.place(item.id, self.loan_ids[at], "Theirs", amount)
            with identity.acting(CHECKER):
                proposals.approve(item.id, None) if is_agreed else proposals.reject(item.id, "No")

    @precondition(TwoLoans.waiting)
    @rule(data=st.data(), share=parts, end=st.sampled_from(["pending", "processed", "failed"]))
    def what_waits_is_given_back(self, data: st.DataObject, share: int | None, end: str) -> None:
        item = data.draw(st.sampled_from(self.waiting()))
        amount = share and (item.amount / share).quantize(Decimal("0.01"))
        by_hand = None if item.provider == "razorpay" else "UTR12345678"
        with self.trying():
            with identity.acting(MAKER):
                proposals.refund(item.id, "Theirs", by_hand, amount)
            with identity.acting(CHECKER):
                proposals.approve(item.id, None)
            refund = PaymentRefund.get(PaymentRefund.suspense_id == item.id, PaymentRefund.status != "FAILED")
            if by_hand is None:
                answer = money.Refund(f"rf_{refund.id}", "pay", None, refund.amount, end, None, now())
                refunds._take_over(refunds._locked(refund), answer)

    @precondition(TwoLoans.on_their_way)
    @rule(data=st.data(), end=st.sampled_from(["processed", "failed"]))
    def a_refund_on_its_way_ends(self, data: st.DataObject, end: str) -> None:
        refund = data.draw(st.sampled_from(self.on_their_way()))
        answer = money.Refund(refund.provider_refund_id, "pay", None, refund.amount, end, None, now())
        refunds.hear(answer, "razorpay")

    # money that comes back

    @precondition(TwoLoans.transactions)
    @rule(
        data=st.data(),
        kind=st.sampled_from(["RETURNED", "MISPOSTED"]),
        share=st.sampled_from([1, 1, 3]),
        is_agreed=st.sampled_from([True, True, True, False]),
    )
    def a_payment_is_taken_back(self, data: st.DataObject, kind: str, share: int, is_agreed: bool) -> None:
        paid = data.draw(st.sampled_from(self.transactions()))
        amount = None if share == 1 else (paid.amount / share).quantize(Decimal("0.01"))
        with self.trying():
            with identity.acting(MAKER):
                reversal = reversal_proposals.propose(
                    paid.loan_id, paid.id, kind=kind, amount=amount, reason="It came back"
                )
            with identity.acting(CHECKER), self.no_day_before_changing():
                if is_agreed:
                    reversal_proposals.approve(reversal.id, None)
                    self.told -= ZERO if kind == "MISPOSTED" else reversal.amount
                else:
                    reversal_proposals.reject(reversal.id, "No")

    @precondition(TwoLoans.transactions)
    @rule(
        data=st.data(),
        status=st.sampled_from([*money.DISPUTE_STATUSES, "lost"]),
        share=st.sampled_from([1, 2]),
    )
    def a_payment_is_disputed(self, data: st.DataObject, status: str, share: int) -> None:
        paid = [(each.provider_payment_id, each.amount) for each in self.transactions()]
        paid += [(each.provider_payment_id, each.amount) for each in self.items() if not each.loan_id]
        payment_id, amount = data.draw(st.sampled_from(paid))
        amount = (amount / share).quantize(Decimal("0.01"))
        before = self.gone()
        told = money.Dispute(f"disp_{payment_id}", payment_id, amount, status, None, None, None, None)
        with self.no_day_before_changing():
            disputes.hear(told, "razorpay")
        self.told -= self.gone() - before

    # charges, classes, and what is given up

    @rule(at=which, is_bad=st.booleans())
    def a_loan_is_classified(self, at: int, is_bad: bool) -> None:
        ledger.classify(self.loan(at), today(), bad=is_bad)

    @rule(at=which, kind=st.sampled_from([Kind.PENAL_CHARGE, Kind.BOUNCE_CHARGE]), amount=st.integers(1, 900))
    def something_is_charged(self, at: int, kind: Kind, amount: int) -> None:
        if self.loan(at).status in OPEN_STATES:
            ledger.charge(self.loan(at), kind, Decimal(amount), today(), self.next_id(), gst=Decimal("1.80"))

    @rule(at=which, part=st.sampled_from(Part), share=st.sampled_from([1, 2]))
    def something_is_waived(self, at: int, part: Part, share: int) -> None:
        owed = replay(ledger.events_of(self.loan_ids[at]), today(), ledger._terms(self.loan(at))).outstanding(
            part
        )
        amount = (owed / share).quantize(Decimal("0.01"))
        if amount and self.loan(at).status in OPEN_STATES:
            ledger.waive(self.loan(at), part, amount, today(), self.next_id())
            service.advance(self.loan_ids[at])

    @precondition(TwoLoans.levied)
    @rule(data=st.data())
    def a_charge_or_a_waiver_is_taken_back(self, data: st.DataObject) -> None:
        with self.trying():
            corrections.take_back(*data.draw(st.sampled_from(self.levied())), "An error")

    @precondition(lambda self: self.at_which(*OPEN_STATES))
    @rule(data=st.data(), status=st.sampled_from(["SETTLED", "WRITE_OFF"]))
    def the_rest_is_given_up(self, data: st.DataObject, status: str) -> None:
        loan = self.loan(data.draw(st.sampled_from(self.at_which(*OPEN_STATES))))
        give_up = {"SETTLED": ledger.settle, "WRITE_OFF": ledger.write_off}[status]
        with self.trying(), identity.acting(Actor("head", frozenset({Role.COLLECTION_HEAD}))):
            if (loan.status, status) in LOAN.steps:
                give_up(loan, today(), self.next_id())
                closure.end_in(loan, status)

    @precondition(lambda self: self.at_which("PAID", "DISBURSED_WAIVED"))
    @rule()
    def paid_loans_are_closed(self) -> None:
        for at in self.at_which("PAID", "DISBURSED_WAIVED"):
            closure.close(self.loan_ids[at])

    # what always holds

    @invariant()
    def the_books_balance(self) -> None:
        db.execute_sql("SET CONSTRAINTS ALL IMMEDIATE")
        db.execute_sql("SET CONSTRAINTS ALL DEFERRED")
        assert sum(ledger.trial_balance().values()) == 0
        assert [ledger.differences(loan_id) for loan_id in self.loan_ids] == [{}, {}]

    @invariant()
    def what_is_owed_is_the_schedule_less_what_was_received(self) -> None:
        for at, loan_id in enumerate(self.loan_ids):
            loan, owed = self.loan(at), self.owed(at)
            state = replay(ledger.events_of(loan_id), today(), ledger._terms(loan))
            given_up = sum(state.waived.values()) + sum(state.written_off.values())
            kept = state.excess + state.refunded + state.moved_out + state.recovered
            assert owed.total == sum(state.charged.values()) - (state.received - kept) - given_up
            assert loan.outstanding_amount == owed.total
            assert all(state.outstanding(part) >= 0 for part in Part)
            (instalment,) = plan.of_loan(loan_id)
            assert (instalment.paid_at is None) == bool(owed.total or owed.lost)

    @invariant()
    def no_money_disappears(self) -> None:
        items = self.items()
        for loan_id in self.loan_ids:
            waits = sum((i.amount for i in items if i.loan_id == loan_id and i.status in WAITS), ZERO)
            assert waits == ledger.outstanding_as_of(loan_id, today()).excess
        received = sum((ledger.received(loan_id) - self.moved(loan_id) for loan_id in self.loan_ids), ZERO)
        unknown = sum((i.amount for i in items if not i.loan_id and i.status in (*WAITS, "REFUNDED")), ZERO)
        assert received + unknown == self.told

    def moved(self, loan_id: UUID) -> Decimal:
        state = replay(ledger.events_of(loan_id), today(), ledger._terms(loans.get(loan_id)))
        return state.moved_out

    @invariant()
    def every_state_is_one_that_its_table_leads_to(self) -> None:
        for at, loan_id in enumerate(self.loan_ids):
            self.walked(LOAN, loan_id, self.loan(at).status)
            assert (self.loan(at).status in OPEN_STATES) == bool(self.owed(at).total)
        mine = [*self.transactions()]
        assert all(0 <= each.reversed_amount <= each.amount for each in mine)
        for model, table in TABLES:
            for record in model.select().where(model.created_at >= self.since):
                self.walked(table, record.id, record.status)

    def walked(self, table: states.StateMachine, record_id: UUID, status: str) -> None:
        steps = [each for each in states.history(record_id) if each.entity == table.entity]
        taken = [(each.from_state, each.to_state) for each in steps]
        assert (taken[0], taken[-1][1]) == ((None, table.initial), status)
        assert all(pair in table.steps for pair in taken[1:])

    @invariant()
    def a_certificate_stands_where_nothing_is_owed(self) -> None:
        for at in (0, 1):
            loan = self.loan(at)
            newest = [papers.latest(loan, kind) for kind in ("NOC", "NDC")]
            standing = [bool(each and not each.withdrawn_at) for each in newest]
            assert standing == [loan.status == "COMPLETED"] * 2


def test_any_story(platform: Platform):
    Story.cases = approved(platform), approved(platform)
    quick = settings(
        max_examples=6,
        stateful_step_count=12,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with repaid_by(platform, foreclosurePercent="2.5"):
        run_state_machine_as_test(Story, settings=quick)
