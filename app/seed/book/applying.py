"""One application on its way: applied, assessed, sanctioned, signed, paid out, or ended before."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any
from uuid import UUID

from app.core.clock import business_day
from app.core.identity import Role
from app.seed.book.desk import Desk
from app.seed.book.draw import Weighted
from app.seed.book.evidence import ALWAYS
from app.seed.book.lives import Life, Step, amounts, life
from app.seed.book.people import Person, reasons


def _ends(*weights: float) -> Weighted[str]:
    return Weighted(*zip(("credit", "sanction", "cancelled", "paid out"), weights, strict=True))


# how an application ends that the rules do not reject, by what they say, and whether there was a loan before
_ENDS = {
    ("APPROVE", False): _ends(9, 4, 9, 78),
    ("REFER", False): _ends(28, 8, 9, 55),
    ("APPROVE", True): _ends(2, 1, 4, 93),
    ("REFER", True): _ends(9, 3, 4, 84),
}
# what is asked for: days; percent of the salary, or of the last loan
_DAYS = (10, 14, 18, 22, 26, 30, 35, 38)
_OF_SALARY, _OF_LAST = (15, 62), (80, 90, 100, 100, 100, 105, 110, 120)
_ASKED_MIN, _ASKED_MAX, _ASKED_STEP = 5_000, 60_000, 500


@dataclass(frozen=True)
class Move:
    """A step of the loan, or of its agreement, by somebody."""

    at: datetime
    to: str
    role: Role
    actor: str
    reason: str | None = None
    remark: str | None = None
    of: str = "loan"


class Application:
    """One loan, and what happens to it up to the end of the book.

    `before` are earlier ones of the same person, `said` is what the rules say of it, `life` what is lent, if anything.
    `moves` are its steps, `credited_on` is the business day of the credit, `lived` what happened to it then, and when,
    `closed_at` when nothing was owed any more.
    """

    def __init__(
        self, desk: Desk, one: Person, applied_at: datetime, before: "Sequence[Application]" = ()
    ) -> None:
        self.desk, self.person, self.applied_at, self.before = desk, one, applied_at, before
        self.id, self.loan_no = desk.id(applied_at), ""
        self.asked, self.asked_days = self._asked(), desk.draw.choice(_DAYS)
        self.decided_at = applied_at + self._hours(0.1, 1.5)
        self.said = desk.judge.decide(_told(self))
        self.life = self._lent()
        self.officer = desk.one_of(Role.CREDIT_EXECUTIVE)
        self.collector = desk.one_of(Role.COLLECTION_EXECUTIVE)
        self.moves = [move for move in self._way() if move.at <= desk.now]
        self._reached = {move.to: move.at for move in self.moves}
        self.credited_at = self.when("DISBURSED")
        self.credited_on = business_day(self.credited_at) if self.credited_at else None
        self.lived: list[tuple[Step, datetime]] = []
        self.closed_at: datetime | None = None
        self.overdue_at: datetime | None = None
        self.promised_until = date.min

    def _asked(self) -> int:
        """What somebody asks for: of the salary, or as much as they had last."""
        draw = self.desk.draw
        last = next((loan.life for loan in reversed(self.before) if loan.credited_at), None)
        amount = (
            last.amount * draw.choice(_OF_LAST) if last else self.person.salary * draw.randint(*_OF_SALARY)
        )
        return max(_ASKED_MIN, min(_ASKED_MAX, round(amount / 100 / _ASKED_STEP) * _ASKED_STEP))

    def _lent(self) -> Life | None:
        """What is lent: about what is offered, and never more."""
        offer, draw, seed = self.said.offer, self.desk.draw, str(self.desk.seed)
        fitting = bisect_right(amounts(seed, offer.tenure_days), offer.amount) if offer else 0
        number = max(0, fitting - 1 - int(draw.expovariate(1 / 3)))
        return life(seed, offer.band, offer.tenure_days, number, self.desk.payments) if fitting else None

    @property
    def amount(self) -> Decimal:
        """What is at stake: what is lent, or was asked for."""
        return self.life.amount if self.life else Decimal(self.asked)

    @property
    def days_late(self) -> int:
        """How many days after it was due it was closed."""
        return max(0, (business_day(self.closed_at) - self.credited_on).days - self.life.tenure_days)

    def _way(self) -> Iterator[Move]:
        """All steps up to the payout, or to another end."""
        customer_id, at = str(UUID(self.person.id)), self.applied_at
        yield Move(at, "APPLIED", Role.CUSTOMER, customer_id)
        if self.said.rejects:
            codes = ",".join(self.said.rejects)
            yield Move(self.decided_at, "REJECTED", Role.SYSTEM, "system", codes, "Rejected by the BRE")
            return
        had_loan = any(loan.credited_at for loan in self.before)
        end = self.desk.draw.one_of(_ENDS[self.said.outcome, had_loan]) if self.life else "credit"
        at += self._hours(1.6, 26)
        if end == "credit":
            yield self._rejected(at, Role.CREDIT_EXECUTIVE, self.officer, "credit")
            return
        yield Move(
            at, "CREDIT_EXECUTIVE_APPROVED", Role.CREDIT_EXECUTIVE, self.officer, remark="Within the policy."
        )
        at += self._hours(0.5, 9)
        manager = self.desk.one_of(Role.SANCTION_MANAGER)
        if end == "sanction":
            yield self._rejected(at, Role.SANCTION_MANAGER, manager, "sanction")
            return
        yield Move(
            at, "SANCTION_MANAGER_APPROVED", Role.SANCTION_MANAGER, manager, remark="Terms are in order."
        )
        yield Move(at + timedelta(minutes=2), "APPROVED", Role.SANCTION_MANAGER, manager)
        yield Move(at + timedelta(minutes=3), "SENT", Role.SYSTEM, "system", of="agreement")
        at += self._hours(0.2, 20)
        if end == "cancelled":
            yield Move(at, "CANCELLED", Role.CUSTOMER, customer_id, "CU90")
            return
        yield Move(at, "SIGNED", Role.SYSTEM, "system", of="agreement")
        at += self._hours(0.2, 5)
        yield Move(at, "DISBURSAL_IN_PROCESS", Role.ADMIN, self.desk.one_of(Role.ADMIN))
        at += timedelta(seconds=self.desk.draw.randint(40, 1_200))
        yield Move(at, "DISBURSED", Role.SYSTEM, "system")
        yield Move(at + timedelta(seconds=1), "ACTIVE", Role.SYSTEM, "system")

    def _rejected(self, at: datetime, role: Role, actor: str, stage: str) -> Move:
        return Move(at, "REJECTED", role, actor, self.desk.draw.one_of(reasons(stage)), "Outside the policy.")

    def _hours(self, least: float, most: float) -> timedelta:
        return timedelta(seconds=round(3_600 * self.desk.draw.uniform(least, most)))

    def when(self, state: str) -> datetime | None:
        """When it came to a state on the way to its payout."""
        return self._reached.get(state)

    @property
    def status(self) -> Move:
        """The last step of the loan."""
        return next(move for move in reversed(self.moves) if move.of == "loan")

    def owed(self) -> Decimal | None:
        """What is owed at the end of the book."""
        if self.credited_on is None:
            return None
        return self.life.owed((business_day(self.desk.now) - self.credited_on).days, len(self.lived))


def _told(loan: Application) -> dict[str, Any]:
    """What is known of an application when it is decided on."""
    one, at = loan.person, loan.decided_at
    on = business_day(at)
    return {
        **ALWAYS,
        **one.evidence,
        "decision_date": on,
        "age_years": on.year - one.dob.year - ((on.month, on.day) < (one.dob.month, one.dob.day)),
        "declared_monthly_salary": one.salary,
        "pincode": int(one.address["pincode"]),
        "city_tier": loan.desk.brand.city_tiers.get(one.address["pincode"][:3], "C"),
        "employment_tenure_months": (on.year - one.joined_on.year) * 12
        + on.month
        - one.joined_on.month
        - (on.day < one.joined_on.day),
        "requested_amount": loan.asked,
        "requested_tenure_days": loan.asked_days,
        **_history(loan.before, at),
    }


def _history(before: Iterable[Application], at: datetime) -> dict[str, Any]:
    """How earlier applications and loans went, the newest last."""
    before = list(before)
    rejected = [loan for loan in before if loan.status.to == "REJECTED"]
    known = {
        "application_count_30d": 1 + _of_days(before, at, 30),
        "rejection_count_90d": _of_days(rejected, at, 90),
        **_repeats([loan for loan in reversed(before) if loan.status.to == "COMPLETED"], at),
    }
    if rejected:
        days = (business_day(at) - business_day(rejected[-1].status.at)).days
        known["days_since_last_rejection"] = days
    return known


def _of_days(loans: Iterable[Application], at: datetime, days: int) -> int:
    return sum((at - loan.applied_at).days < days for loan in loans)


def _repeats(completed: list[Application], at: datetime) -> dict[str, Any]:
    """Of the loans that were repaid, the newest first."""
    if not completed:
        return {"completed_loan_count": 0}
    newest = completed[0]
    return {
        "completed_loan_count": len(completed),
        "last_loan_days_past_due": newest.days_late,
        "last_loan_amount": newest.life.amount,
        "days_since_last_closure": (at - newest.closed_at).days,
        "on_time_loan_streak": sum(1 for _ in takewhile(lambda loan: not loan.days_late, completed)),
    }
