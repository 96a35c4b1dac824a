"""What comes of contacts with those who are overdue: notes, promises to pay and what became of them, field visits."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from app.core.clock import business_day
from app.core.identity import Role
from app.core.money import ZERO, charged
from app.seed.book.applying import Application
from app.seed.book.draw import Weighted

# code, whom it reached, and what is written down, of an answered call and of others
_ANSWERED = Weighted(
    (("PTP", "BORROWER", "Pays within the week."), 38),
    (("CALLBACK", "BORROWER", "Asks to be called later."), 20),
    (("HARDSHIP", "BORROWER", "Salary is late."), 12),
    (("REFUSE_TO_PAY", "BORROWER", "Does not want to pay."), 8),
    (("DISPUTE", "BORROWER", "Says that more was paid."), 4),
    (("LEFT_MESSAGE", "THIRD_PARTY", "Asked the family for a call."), 18),
)
_MISSED = Weighted(
    (("RINGING_NO_RESPONSE", "NOBODY", "Rang out."), 60),
    (("SWITCHED_OFF", "NOBODY", "Switched off."), 25),
    (("BUSY", "NOBODY", "Busy."), 15),
)
_MODES = Weighted(("UPI", 80), ("NETBANKING", 15), ("CASH", 5))
# a promise is judged so many days after its day; one that brought so much of its amount is kept
_GRACE, _KEPT_FROM = timedelta(days=1), Decimal("0.95")
# of those who are so many days overdue: how many are visited
_VISITED_FROM_DAYS, _VISITED = 25, 0.3
_FOUND = Weighted(
    (("PROMISED", "BORROWER"), 30),
    (("PAID", "BORROWER"), 15),
    (("NOT_FOUND", "FAMILY"), 25),
    (("LOCKED", "NOBODY"), 20),
    (("SHIFTED", "NEIGHBOUR"), 10),
)


def note(loan: Application, call_id: str, at: datetime, *, answered: bool) -> None:
    """What came of a call of who collects."""
    desk = loan.desk
    code, party, remark = desk.draw.one_of(_ANSWERED if answered else _MISSED)
    follow_up_on = business_day(at) + timedelta(days=desk.draw.randint(1, 5))
    desk.rows.add(
        "disposition", desk.id(at), loan.id, loan.person.id, code, party, "CALL", remark, follow_up_on,
        f"seeded-{call_id}", _days_late(loan, business_day(at)), loan.collector, Role.COLLECTION_EXECUTIVE.value, at,
    )  # fmt: skip
    if code == "PTP":
        _promise(loan, at, follow_up_on)


def _days_late(loan: Application, day: date) -> int:
    return (day - loan.credited_on).days - loan.life.tenure_days


def _promise(loan: Application, at: datetime, due_on: date) -> None:
    desk, made_on = loan.desk, business_day(at)
    if made_on <= loan.promised_until:
        return
    loan.promised_until = due_on + _GRACE
    amount = charged(loan.life.repayment * desk.draw.randint(20, 100) / 100)
    received = sum(
        (step.amount for step, paid_at in loan.lived if made_on <= business_day(paid_at) <= due_on + _GRACE),
        ZERO,
    )
    status = _judged(received, amount, is_over=due_on + _GRACE < business_day(desk.now))
    is_judged = status != "OPEN"
    desk.rows.add(
        "promise_to_pay", desk.id(at), loan.id, loan.person.id, status, amount, due_on,
        desk.draw.one_of(_MODES), loan.collector, made_on, received if is_judged else None,
        min(due_on + _GRACE, business_day(desk.now)) if is_judged else None, at,
    )  # fmt: skip


def _judged(received: Decimal, amount: Decimal, *, is_over: bool) -> str:
    if received >= amount * _KEPT_FROM:
        return "KEPT"
    if not is_over:
        return "OPEN"
    return "PARTIAL" if received else "BROKEN"


def visit(loan: Application) -> None:
    """The visit to who was long overdue."""
    desk = loan.desk
    asked_at = loan.overdue_at + timedelta(days=desk.draw.randint(_VISITED_FROM_DAYS, 60), hours=10)
    ended_at = asked_at + timedelta(days=1, hours=desk.draw.randint(0, 7))
    is_visited = desk.draw.random() < _VISITED
    if not is_visited or ended_at > (loan.closed_at or desk.now) or loan.collector == "system":
        return
    outcome, met_whom = desk.draw.one_of(_FOUND)
    desk.rows.add(
        "field_visit", desk.id(asked_at), loan.id, loan.person.id, "APPROVED", "RESIDENCE",
        "Does not answer the phone.", loan.collector, loan.collector, ended_at - timedelta(minutes=50),
        ended_at - timedelta(minutes=15), ended_at, desk.draw.randint(2, 40),
        outcome, met_whom, business_day(ended_at) + timedelta(days=5), "Seen at the door.",
        desk.one_of(Role.COLLECTION_MANAGER), asked_at,
    )  # fmt: skip
