"""Two loans on which anything may happen."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis.stateful import (
    RuleBasedStateMachine,
)

from app.core import identity
from app.core.clock import now, today
from app.core.database import db
from app.core.errors import DomainError
from app.core.identity import Actor, Role
from app.core.ids import new_id
from app.core.money import ZERO
from app.ledger import service as ledger
from app.ledger.replay import LoanState, replay
from app.loans import service as loans
from app.loans.models import Loan
from app.payments import corrections, service
from app.payments.models import (
    PaymentCollectionTransaction,
    PaymentRefund,
    PaymentRequest,
    SuspenseItem,
)
from app.payments.states import PAYMENT
from app.providers import money
from tests.lending import Case, at_work, noon
from tests.payments.test_payments import captured

# where something is owed, and where nothing is
RUNNING = ("ACTIVE", "PARTIALLY_PAID")
OPEN_STATES = (*RUNNING, "OVERDUE")
WAITS = ("OPEN", "PROPOSED", "REFUNDING")


class TwoLoans(RuleBasedStateMachine):
    """Two loans, and what can be seen of them: all of it in one transaction, which is rolled back."""

    cases: tuple[Case, Case]

    def __init__(self) -> None:
        super().__init__()
        self.scope = at_work()
        self.scope.__enter__()

    def teardown(self) -> None:
        with suppress(InterruptedError):
            self.scope.__exit__(InterruptedError, InterruptedError("told"), None)

    def pay_out(self, loan_id: UUID, day: date) -> None:
        with identity.acting(Actor("desk", frozenset({Role.SUPER_ADMIN}))):
            loan = loans.move(loan_id, "DISBURSAL_IN_PROCESS")
            loan.change(due_date=day + timedelta(days=loan.tenure_days))
        loans.move(loan_id, "DISBURSED", disbursed_at=noon(day))
        ledger.post_disbursal(loans.get(loan_id), day, f"{loan.loan_no}-D1")
        loans.move(loan_id, "ACTIVE")
        if today() > loan.due_date:
            loans.move(loan_id, "OVERDUE")

    def loan(self, at: int) -> Loan:
        return loans.get(self.loan_ids[at])

    def owed(self, at: int) -> Any:
        return ledger.outstanding_as_of(self.loan_ids[at], today())

    def amount(self, at: int, said: str) -> Decimal:
        known = {"all": self.owed(at).total, "beyond": self.owed(at).total + Decimal("123.45")}
        return known[said] if said in known else Decimal(said)

    @contextmanager
    def trying(self) -> Iterator[None]:
        """What is refused leaves nothing behind."""
        with suppress(DomainError), db.atomic():
            yield

    @contextmanager
    def no_day_before_changing(self) -> Iterator[None]:
        """What is booked today says nothing of the days before."""
        before = self.past()
        yield
        assert self.past() == before

    def past(self) -> list[LoanState]:
        told = [(ledger.events_of(loan_id), ledger._terms(loans.get(loan_id))) for loan_id in self.loan_ids]
        days = [today() - timedelta(days=n) for n in range(1, 14)]
        return [replay(events, day, terms) for events, terms in told for day in days]

    def next_id(self) -> str:
        self.number += 1
        return f"pay_{self.loan_ids[0].hex[:12]}{self.number}"

    def at_which(self, *statuses: str) -> list[int]:
        return [at for at in (0, 1) if self.loan(at).status in statuses]

    def asked(self, at: int, amount: Decimal, purpose: str) -> PaymentRequest:
        loan, request_id = self.loan(at), new_id()
        request = PaymentRequest.create(
            id=request_id,
            loan_id=loan.id,
            status=PAYMENT.initial,
            amount=amount,
            provider="razorpay",
            reference=str(request_id),
            requested_by="customer",
            purpose=purpose,
            expires_at=now(),
        )
        PAYMENT.start(request)
        return request

    def came(self, amount: Decimal, request_id: UUID | None, payment_id: str, back: int = 0) -> None:
        at = noon(today() - timedelta(days=back)) if back else now()
        paid = captured(str(amount), str(request_id) if request_id else None, payment_id, at)
        service.hear(money.PaymentEvent("payment.captured", now(), paid), "razorpay")

    def items(self) -> list[SuspenseItem]:
        mine = SuspenseItem.loan_id.in_(self.loan_ids) | SuspenseItem.provider_payment_id.startswith(
            f"pay_{self.loan_ids[0].hex[:12]}"
        )
        return list(SuspenseItem.select().where(mine).order_by(SuspenseItem.id))

    def waiting(self) -> list[SuspenseItem]:
        return [item for item in self.items() if item.status == "OPEN"]

    def on_their_way(self) -> list[PaymentRefund]:
        mine = PaymentRefund.suspense_id.in_([item.id for item in self.items()])
        return list(PaymentRefund.select().where(mine, PaymentRefund.status == "PROCESSING"))

    def transactions(self) -> list[PaymentCollectionTransaction]:
        mine = PaymentCollectionTransaction.loan_id.in_(self.loan_ids)
        return list(
            PaymentCollectionTransaction.select().where(mine).order_by(PaymentCollectionTransaction.id)
        )

    def gone(self) -> Decimal:
        """What disputes took: of payments on loans, and of what waited for nobody known."""
        back = sum((each.reversed_amount for each in self.transactions()), ZERO)
        return back - sum(
            (each.amount for each in self.items() if not each.loan_id and each.status in WAITS), ZERO
        )

    def levied(self) -> list[tuple[UUID, str, str]]:
        return [
            (loan_id, event.kind, event.reference)
            for loan_id in self.loan_ids
            for event in ledger.events_of(loan_id)
            if event.kind in corrections.KINDS
        ]
