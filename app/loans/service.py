"""Loans: applying, finding, and the one way their state changes."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect, fn

from app.allocation import service as allocation
from app.brands import service as brands
from app.core import audit, identity, states
from app.core.clock import business_day, now, today
from app.core.database import db
from app.core.errors import Conflict, Invalid
from app.core.numbers import next_number
from app.core.outbox import enqueue
from app.core.share import Share
from app.core.tally import kept
from app.customers import service as customers
from app.loans import reasons
from app.loans.models import Loan, LoanRemark
from app.loans.states import AGREEMENT, LOAN
from app.messaging import service as messaging
from app.policies import service as policies

# who works on an application at each step
WORKS_ON = {status: LOAN.steps[status, "HOLD"].by for status in LOAN.states if (status, "HOLD") in LOAN.steps}
SENT_BACK, REACTIVATED, PAYMENT_REVERSED = "SENT_BACK", "REACTIVATED", "PAYMENT_REVERSED"
_TO_EVALUATE = (SENT_BACK, REACTIVATED)
IN_CREDIT = ("APPLIED", "HOLD")
ENDED = ("REJECTED", "CANCELLED", "COMPLETED", "SETTLED", "WRITE_OFF")
LOST = ("SETTLED", "WRITE_OFF")
BEFORE_OVERDUE = ("ACTIVE", "PARTIALLY_PAID")


def apply(customer_id: UUID | str, amount: Decimal, tenure_days: int, purpose: str) -> Loan:
    """A new application within the brand's limits, given to a loan executive and a credit executive.

    Raises Invalid naming the field that is out of bounds, Conflict if the customer has a live loan or was rejected
    a short while ago.
    """
    rules = brands.settings()["loan_rules"]
    within("amount", amount, rules["amount_min"], rules["amount_max"])
    within("tenure_days", tenure_days, rules["tenure_days_min"], rules["tenure_days_max"])
    _refuse_cooling(customer_id)
    _refuse_running(customer_id)
    try:
        with db.atomic():
            loan = Loan.create(
                loan_no=next_number("L"),
                customer_id=customers.get(customer_id).id,
                status=LOAN.initial,
                purpose=purpose,
                applied_amount=amount,
                applied_tenure_days=tenure_days,
            )
    except IntegrityError:
        raise _live_already() from None
    LOAN.start(loan)
    allocation.allot_application(loan.id, loan.customer_id, amount)
    enqueue("assessment.begin", loan_id=loan.id)
    messaging.notify(
        customer_id, "application_received", loan_id=loan.id, loan_no=loan.loan_no, amount=amount
    )
    return loan


def _refuse_running(customer_id: UUID | str) -> None:
    """One that was opened again counts as well, which the index leaves out."""
    live = Loan.customer_id == customer_id, Loan.status.not_in(ENDED)
    if Loan.select().where(*live).exists():
        raise _live_already()


def _live_already() -> Conflict:
    return Conflict("There is a live application or loan already.", code="LIVE_LOAN_EXISTS")


def may_apply_from(customer_id: UUID | str) -> date | None:
    """The day from which somebody who was rejected may apply again by the credit policy; None where that is now."""
    rejected_at = (
        Loan.select(fn.MAX(Loan.status_since))
        .where(Loan.customer_id == customer_id, Loan.status == "REJECTED")
        .scalar()
    )
    if rejected_at is None:
        return None
    days = policies.ruleset_for("bre", customer_id).parameters.get("rejection_cooling_days", 0)
    first_day = business_day(rejected_at) + timedelta(days=int(days))
    return first_day if today() < first_day else None


def _refuse_cooling(customer_id: UUID | str) -> None:
    first_day = may_apply_from(customer_id)
    if first_day:
        raise Conflict(
            f"An application was declined. You may apply again from {first_day} on.",
            code="COOLING_OFF",
            apply_from=first_day.isoformat(),
        )


def within(field: str, value: Decimal | int, low: Decimal | int, high: Decimal | int) -> None:
    """Raises Invalid naming the field when the brand's limits are passed."""
    if not low <= value <= high:
        raise Invalid(f"Must be between {low} and {high}.", field=field, code="OUTSIDE_BRAND_RULES")


def get(loan_id: UUID | str) -> Loan:
    """The loan, or NotFound."""
    return Loan.find(loan_id)


def file(loan_id: UUID | str) -> Loan:
    """The loan with `executives`: who works on it."""
    loan = get(loan_id)
    loan.executives = allocation.executives(loan.id)
    return loan


def for_customer(loan_id: UUID | str, customer_id: UUID | str) -> Loan:
    """The loan if it is this customer's; NotFound also when it is somebody else's."""
    return Loan.find(loan_id, customer_id=customer_id)


def of_customer(customer_id: UUID | str) -> list[Loan]:
    """Every loan of a customer, newest first."""
    return list(Loan.select().where(Loan.customer_id == customer_id).order_by(Loan.id.desc()))


def in_states(states: Collection[str]) -> ModelSelect:
    """The loans in any of these states: id, customer, state and due date, oldest first."""
    columns = Loan.id, Loan.customer_id, Loan.status, Loan.due_date
    return Loan.select(*columns).where(Loan.status.in_(list(states))).order_by(Loan.id)


def numbers(loan_ids: Collection[UUID]) -> dict[UUID, str]:
    """The loan numbers by id."""
    rows = Loan.select(Loan.id, Loan.loan_no).where(Loan.id.in_(list(loan_ids)))
    return {loan.id: loan.loan_no for loan in rows}


def by_ids(loan_ids: Collection[UUID]) -> dict[UUID, Loan]:
    """The loans of these ids."""
    return {loan.id: loan for loan in Loan.select().where(Loan.id.in_(list(loan_ids)))}


def customers_with(loan_no: str) -> list[UUID]:
    """The id of the customer whose loan has this number; none where there is no such loan."""
    return [loan.customer_id for loan in Loan.select(Loan.customer_id).where(Loan.loan_no == loan_no.upper())]


def search(status: str | None, text: str | None) -> ModelSelect:
    """Loans of this brand by status and loan number."""
    query = Loan.select()
    if status:
        query = query.where(Loan.status == status)
    if text:
        query = query.where(Loan.loan_no == text.upper())
    return query


def count(status: str | None) -> int:
    """How many loans there are, in a status or in all; kept, and not counted."""
    return kept("loan.in", states=(status,) if status else ()).scalar()


def move(
    loan_id: UUID | str,
    target: str,
    *,
    reason_code: str | None = None,
    remark: str | None = None,
    **changes: Any,
) -> Loan:
    """Take the loan along its table. Raises Conflict or Forbidden as `StateMachine.move` does."""
    changes["status_since"] = now()
    loan = LOAN.move(get(loan_id), target, reason_code=reason_code, remark=remark, **changes)
    allocation.loan_moved(loan.id, target)
    return loan


def fall_overdue(late: ModelSelect) -> int:
    """Take the loans that `late` selects, and that are still to be paid, to OVERDUE; how many fell."""
    found = Loan.select().where(Loan.id.in_(late), Loan.outstanding_amount > 0)
    return LOAN.move_found(found, BEFORE_OVERDUE, "OVERDUE", status_since=now())


def falling_due(days: Collection[date], share: Share) -> ModelSelect:
    """The loans of a share that are due on any of these days and still to be paid: id, customer and due date."""
    columns = Loan.id, Loan.customer_id, Loan.due_date
    due = Loan.status.in_(BEFORE_OVERDUE), Loan.due_date.in_(list(days)), Loan.outstanding_amount > 0
    return Loan.select(*columns).where(*due, share.holds(Loan.customer_id))


def open_again(loan_id: UUID | str, target: str, remark: str) -> Loan:
    """Take a loan that had been repaid or had ended to where it is owed again. It runs beside one that its customer
    took meanwhile."""
    cleared = {"closed_at": None, "repaid_on": None, "reopened_at": now()}
    return move(loan_id, target, reason_code=PAYMENT_REVERSED, remark=remark, **cleared)


def reopen(loan_id: UUID | str, remark: str, **changes: Any) -> Loan:
    """Bring an ended application back. Raises Conflict as well where the customer has applied again since."""
    _refuse_running(get(loan_id).customer_id)
    try:
        with db.atomic():
            loan = move(loan_id, LOAN.initial, reason_code=REACTIVATED, remark=remark, **changes)
    except IntegrityError:
        raise _live_already() from None
    enqueue("assessment.begin", loan_id=loan.id)
    return loan


def evidence_came(customer_id: UUID | str) -> None:
    """Something is known now that an application of the customer may have waited for."""
    if Loan.select().where(Loan.customer_id == customer_id, Loan.status.in_(IN_CREDIT)).exists():
        enqueue("assessment.go_on", customer_id=customer_id)


def move_agreement(loan_id: UUID | str, target: str) -> Loan:
    """Take the loan's agreement along its table."""
    return AGREEMENT.move(get(loan_id), target)


def set_outstanding(loan_id: UUID | str, amount: Decimal, lost: Decimal) -> None:
    """Refresh the copies of what is owed, or was written off and is lost still, that lists show; the ledger is what
    counts."""
    loan = get(loan_id)
    loan.change(outstanding_amount=amount, lost_amount=lost)
    allocation.amount_changed(loan.id, amount, lost)


def facts(loan: Loan) -> dict[str, Any]:
    """The features that come from the application and from earlier loans of the customer."""
    others = [other for other in of_customer(loan.customer_id) if other.id != loan.id]
    rejected = [other for other in others if other.status == "REJECTED"]
    known = {
        "requested_amount": loan.applied_amount,
        "requested_tenure_days": loan.applied_tenure_days,
        "open_loan_count": sum(other.status not in ENDED for other in others),
        "lost_loan_count": sum(other.status in LOST for other in others),
        "application_count_30d": 1 + _since(others, 30),
        "rejection_count_90d": _since(rejected, 90),
        "days_since_last_rejection": min(map(_days_rejected, rejected), default=None),
        **_repeat_facts(
            [other for other in others if other.status == "COMPLETED" and not _was_given_back(other)]
        ),
        **_sister_facts(loan.customer_id),
    }
    return {name: value for name, value in known.items() if value is not None}


def _repeat_facts(completed: list[Loan]) -> dict[str, Any]:
    """How a customer's earlier loans went, newest first."""
    known: dict[str, Any] = {"completed_loan_count": len(completed)}
    if completed:
        on_time = takewhile(lambda loan: not _days_late(loan), completed)
        known |= {
            "last_loan_days_past_due": _days_late(completed[0]),
            "last_loan_amount": completed[0].sanctioned_amount,
            "days_since_last_closure": _days_since(completed[0].closed_at),
            "on_time_loan_streak": sum(1 for _ in on_time),
        }
    return known


_SISTERS = """
SELECT sum(s.open_count)::int, sum(s.bad_count)::int FROM unnest(%s::text[]) h, sister_brand_loans(h) s"""


def _sister_facts(customer_id: UUID) -> dict[str, Any]:
    """What runs and what went bad in sister brands under the same PAN: two numbers, which the database counts."""
    hashes = customers.pan_hashes(customer_id)
    if not hashes:
        return {}
    row = db.execute_sql(_SISTERS, (hashes,)).fetchone()
    return dict(zip(("sister_open_loan_count", "sister_bad_loan_count"), row, strict=True))


def _since(some: list[Loan], days: int) -> int:
    return sum(_days_since(loan.created_at) < days for loan in some)


def _days_since(instant: datetime) -> int:
    return (now() - instant).days


def _days_rejected(loan: Loan) -> int:
    """In days of the calendar, as `may_apply_from` counts."""
    return (today() - business_day(loan.status_since)).days


def _was_given_back(loan: Loan) -> bool:
    """In the days of cooling-off: that says nothing of how somebody repays."""
    return any(step.from_state == "DISBURSED_WAIVED" for step in trail(loan.id)[-1:])


def _days_late(loan: Loan) -> int:
    """By the day of the last payment, whenever it was booked and the loan closed."""
    repaid_on = loan.repaid_on or business_day(loan.closed_at)
    return max(0, (repaid_on - loan.due_date).days)


def standing(customer_id: UUID | str) -> tuple[str, datetime | None]:
    """What a customer is to us, and since when: LIVE with an application or loan that runs, BORROWER whose last loan
    ended then, APPLICANT whose last application ended then, LEAD who never applied."""
    mine = of_customer(customer_id)
    if any(loan.status not in ENDED for loan in mine):
        return "LIVE", None
    if not mine:
        return "LEAD", None
    kind = "BORROWER" if any(loan.disbursed_at for loan in mine) else "APPLICANT"
    return kind, max(loan.closed_at or trail(loan.id)[-1].created_at for loan in mine)


def trail(loan_id: UUID) -> list[states.StateChange]:
    """Every step the loan and its agreement took, oldest first."""
    return states.history(loan_id)


def last_step(loan_id: UUID) -> states.StateChange:
    """The step that brought the loan to where it is."""
    return next(step for step in reversed(trail(loan_id)) if step.entity == LOAN.entity)


def to_evaluate_since(loan_id: UUID) -> datetime:
    """The instant after which the rules have to have run: the application, a send-back or a reactivation."""
    steps = [step for step in trail(loan_id) if step.entity == LOAN.entity]
    return max(
        step.created_at for step in steps if step.from_state is None or step.reason_code in _TO_EVALUATE
    )


def is_decidable(loan: Loan) -> bool:
    """Whether the rules may run on the loan: an application, or a file that a head sent back to the manager."""
    if loan.status == "CREDIT_EXECUTIVE_APPROVED":
        return last_step(loan.id).reason_code == SENT_BACK
    return loan.status == "APPLIED"


def past_sanction() -> list[Loan]:
    """Approved loans whose sanction stands no more, oldest first."""
    late = Loan.status == "APPROVED", Loan.sanction_valid_until < today()
    return list(Loan.select().where(*late).order_by(Loan.id))


def held_until_now() -> list[Loan]:
    """Loans on hold whose day has come, oldest first."""
    due = Loan.status == "HOLD", Loan.held_until <= today()
    return list(Loan.select().where(*due).order_by(Loan.id))


def told_reason(loan_id: UUID) -> str | None:
    """Why the loan is where it is, in the customer's words; None where the catalogue has none."""
    return reasons.told(last_step(loan_id).reason_code)


def remarks(loan_id: UUID | str) -> list[LoanRemark]:
    """What was written on the file, newest first. Raises NotFound without the loan."""
    mine = LoanRemark.loan_id == get(loan_id).id
    return list(LoanRemark.select().where(mine).order_by(LoanRemark.id.desc()))


def add_remark(loan_id: UUID | str, text: str) -> LoanRemark:
    """Write on the file."""
    who = identity.actor()
    remark = LoanRemark.create(loan_id=get(loan_id).id, author_id=who.id, author_role=who.role, text=text)
    audit.record("loan.remarked", "loan", remark.loan_id, after={"remarkId": str(remark.id)})
    return remark


BAD_DAYS_PAST_DUE = 30


def known_outcomes() -> Iterator[tuple[UUID, bool]]:
    """Whether each loan of the brand went bad, by loan id, for those of which it is known.

    Bad: BAD_DAYS_PAST_DUE or more days past due, settled or written off. Good: repaid before that.
    """
    columns = Loan.id, Loan.status, Loan.due_date, Loan.closed_at, Loan.repaid_on
    for loan in Loan.select(*columns).where(Loan.disbursed_at.is_null(False)).iterator():
        bad = _went_bad(loan)
        if bad is not None:
            yield loan.id, bad


def _went_bad(loan: Loan) -> bool | None:
    if loan.status in LOST:
        return True
    repaid = loan.closed_at is not None
    days_late = _days_late(loan) if repaid else (today() - loan.due_date).days
    late = days_late >= BAD_DAYS_PAST_DUE
    return late if late or repaid else None
