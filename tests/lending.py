"""Loans for tests, as far along as a test wants them, made through the services that own the steps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from app.core import identity
from app.core.clock import INDIA, today
from app.core.database import brand_scope
from app.core.identity import Actor, Role
from app.core.numbers import next_number
from app.customers import service as customers
from app.demo.client import CustomerApp, Portal
from app.documents import papers
from app.esign import key_facts
from app.kyc.models import UserBankAccount
from app.ledger import service as ledger
from app.loans import service as loans
from app.loans.models import Loan
from app.loans.states import LOAN
from tests.platform import BRAND, Platform, new_pan

ADDRESS = {"house": "12", "street": "MG Road", "town": "Bengaluru", "state": "Karnataka", "pincode": "560001"}
AGREEMENT_STEPS = {"NOT_SENT": (), "SENT": ("SENT",), "SIGNED": ("SENT", "SIGNED")}
SANCTION = ("CREDIT_EXECUTIVE_APPROVED", "SANCTION_MANAGER_APPROVED", "APPROVED")


@contextmanager
def at_work(brand_id: str = BRAND, role: Role = Role.SYSTEM) -> Iterator[None]:
    """Inside of a transaction of the brand, acting as somebody with `role`."""
    with identity.acting(Actor(f"test-{role.lower()}", frozenset({role}))), brand_scope(brand_id):
        yield


@dataclass(frozen=True)
class Case:
    """One customer with one loan."""

    platform: Platform
    app: CustomerApp
    staff: Portal
    customer_id: UUID
    loan_id: UUID

    @property
    def loan(self) -> dict[str, Any]:
        """The loan as staff see it."""
        return self.staff.get(f"/loans/{self.loan_id}")

    @property
    def outstanding(self) -> Decimal:
        """What the customer is told that they owe."""
        return Decimal(self.app.get(f"/web/loans/{self.loan_id}/outstanding")["total"])

    def ledger(self) -> dict[str, Any]:
        """The ledger as staff see it."""
        return self.staff.get(f"/loans/{self.loan_id}/ledger")

    def states(self) -> list[str]:
        """Every state that the loan was in."""
        return [
            step["toState"]
            for step in self.staff.get(f"/loans/{self.loan_id}/trail")
            if step["entity"] == "loan"
        ]


def approved(
    platform: Platform,
    *,
    amount: str = "20000.00",
    days: int = 30,
    agreement: str = "SIGNED",
    account: str = "7890",
    accepted: bool | None = None,
) -> Case:
    """A loan sanctioned today at 1 % a day, with a fee of 10 % and GST. `account` ends the number. The key facts are
    `accepted` where the agreement is signed, if not said."""
    app = platform.customer()
    customer_id = UUID(app.get("/web/me")["id"])
    with at_work():
        identify(customer_id, app, account)
        loan = applied(customer_id, Decimal(amount), days)
        for state in AGREEMENT_STEPS[agreement]:
            loans.move_agreement(loan.id, state)
    with at_work(role=Role.SUPER_ADMIN):
        for state in SANCTION:
            loans.move(loan.id, state)
    if agreement == "SIGNED" if accepted is None else accepted:
        accept_key_facts(loan.id)
    return Case(platform, app, platform.staff(), customer_id, loan.id)


def accept_key_facts(loan_id: UUID) -> None:
    """The key facts are offered, and the customer takes them."""
    with at_work():
        loan = loans.get(loan_id)
        key_facts.accept(loan, papers.make(loan, "KFS").version)


def active(platform: Platform, *, days_ago: int = 0, **terms: Any) -> Case:
    """A loan that was credited `days_ago` days ago."""
    return credited(approved(platform, accepted=False, **terms), days_ago=days_ago)


def credited(case: Case, *, days_ago: int = 0) -> Case:
    """The same loan, credited `days_ago` days ago."""
    credited_on = today() - timedelta(days=days_ago)
    with at_work(role=Role.SUPER_ADMIN):
        loan = loans.move(case.loan_id, "DISBURSAL_IN_PROCESS")
        loan.change(due_date=credited_on + timedelta(days=loan.tenure_days))
    with at_work():
        loan = loans.move(case.loan_id, "DISBURSED", disbursed_at=noon(credited_on))
        ledger.post_disbursal(loan, credited_on, f"{loan.loan_no}-D1")
        loans.move(case.loan_id, "ACTIVE")
    return case


def noon(day: date) -> datetime:
    """Noon in India."""
    return datetime.combine(day, time(12), INDIA)


def identify(customer_id: UUID, app: CustomerApp, account: str) -> None:
    pan = app.person.get("pan") or new_pan("GOO")
    customers.update_profile(customer_id, email=f"{customer_id}@mail.example")
    customers.record_pan(customer_id, pan=pan, name="ASHA VERMA", dob=date(1992, 5, 17), gender="female")
    customers.record_aadhaar(
        customer_id, last4="2346", aadhaar_hash=uuid4().hex, name="ASHA VERMA", address=ADDRESS
    )
    number = f"{uuid4().int % 10**8:08d}{account}"
    UserBankAccount.create(
        customer_id=customer_id,
        account_number=number,
        account_hash=UserBankAccount.account_hash.hash_of(f"HDFC0000053{number}"),
        account_last4=number[-4:],
        ifsc="HDFC0000053",
        holder_name="ASHA VERMA",
        name_match_percent=100,
        verified=True,
    )


def applied(customer_id: UUID, amount: Decimal = Decimal(20_000), days: int = 30) -> Loan:
    """An application that nobody was given, sanctioned in its terms at 1 % a day."""
    fee = amount / 10
    loan = Loan.create(
        loan_no=next_number("L"),
        customer_id=customer_id,
        status=LOAN.initial,
        purpose="MEDICAL",
        applied_amount=amount,
        applied_tenure_days=days,
        sanctioned_amount=amount,
        roi_percent_per_day=Decimal("1.00"),
        tenure_days=days,
        processing_fee=fee,
        gst_amount=fee * Decimal("0.18"),
        net_disbursal=amount - fee * Decimal("1.18"),
        repayment_amount=amount * (1 + Decimal(days) / 100),
        planned_disbursal_date=today(),
        due_date=today() + timedelta(days=days),
    )
    LOAN.start(loan)
    return loan
