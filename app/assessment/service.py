"""From an application to its decision without anybody's doing: bureau report, bank data, rules, each once.

An assessment looks where the file stands, has the step taken that can be, and says what is missing where none can. It
is looked at again when something comes (`go_on`), so the order in which things come does not matter. Staff may take
every step themselves at any time: what they did is done.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.assessment.models import Assessment
from app.assessment.states import ASSESSMENT, DONE, ENDED, OPEN, RUNNING, STOPPED, WAITING
from app.assessment.steps import BUREAU, STAFF, STEPS, Step, decision_of
from app.brands import service as brands
from app.core import clock
from app.core.database import db
from app.core.errors import DomainError, Unavailable
from app.core.outbox import enqueue
from app.loans import service as loans
from app.loans.service import Loan

# a step that nothing was heard of for so long is taken again; whoever is waited for is looked after once a day
LOST_AFTER, FORGOTTEN_AFTER = timedelta(minutes=15), timedelta(days=1)


def begin(loan_id: UUID | str) -> None:
    """Assess an application that was made or reactivated, where the brand has it so. Once for each of these."""
    loan = loans.get(loan_id)
    if not brands.is_on("automatic_assessment") or loan.status not in loans.IN_CREDIT:
        return
    began_at = loans.to_evaluate_since(loan.id)
    record, is_new = Assessment.get_or_create(
        loan_id=loan.id, began_at=began_at, defaults={"status": ASSESSMENT.initial, "step": BUREAU}
    )
    if is_new:
        ASSESSMENT.start(record)
        _look(record.locked(), loan)


def go_on(customer_id: UUID | str) -> None:
    """Something came, or changed: look again at what waits for it."""
    for loan in loans.of_customer(customer_id):
        record = latest(loan.id)
        if record and record.status in OPEN:
            _look(record.locked(), loans.get(loan.id))


def latest(loan_id: UUID | str) -> Assessment | None:
    """The newest assessment of a loan."""
    mine = Assessment.loan_id == loan_id
    return Assessment.select().where(mine).order_by(Assessment.began_at.desc()).first()


def take(assessment_id: UUID | str, name: str) -> str | None:
    """Take the step that runs, if it is still to be taken; why it could not be, None where it was.

    Holds nothing that others wait for while a bureau is asked. Raises Unavailable to be tried again.
    """
    record = Assessment.find(assessment_id)
    step, loan = STEPS[name], loans.get(record.loan_id)
    if (record.status, record.step) != (RUNNING, name) or not _can_be_taken(step, loan, record):
        return None
    try:
        with db.atomic():
            step.take(loan, record)
    except DomainError as refusal:
        if refusal.code == Unavailable.code:
            raise
        return refusal.message
    return None


def taken(assessment_id: UUID | str, name: str, refusal: str | None) -> None:
    """Look what comes after a step. One that is still to be taken stops: a person has to look."""
    record = Assessment.find(assessment_id).locked()
    step, loan = STEPS[name], loans.get(record.loan_id)
    if (record.status, record.step) == (RUNNING, name) and _can_be_taken(step, loan, record):
        _to(record, STOPPED, step=name, waits_for=STAFF, reason=refusal or "What came cannot be used.")
    else:
        _look(record, loan)


def _look(record: Assessment, loan: Loan) -> None:
    """Bring a record (locked) to where its file stands."""
    if record.status not in OPEN:
        return
    record.change(looked_at=clock.now())
    decision = decision_of(loan, record)
    if decision:
        _to(record, DONE, step=None, decision_id=decision.id)
    elif loan.status not in loans.IN_CREDIT:
        _to(record, ENDED, step=None)
    elif loan.status == loans.LOAN.initial and brands.is_on("automatic_assessment"):
        _proceed(record, loan)


def _proceed(record: Assessment, loan: Loan) -> None:
    left = _left(loan, record)
    if record.status == STOPPED and record.step in {step.name for step in left}:
        return
    ready = next((step for step in left if _can_be_taken(step, loan, record)), None)
    if ready:
        _to(record, RUNNING, step=ready.name)
        enqueue("assessment.take", brand_id=record.brand_id, assessment_id=record.id, step=ready.name)
    else:
        awaited = left[0].awaited(loan)
        _to(record, WAITING, step=left[0].name, waits_for=awaited.waits_for, reason=awaited.reason)


def _left(loan: Loan, record: Assessment) -> list[Step]:
    return [step for step in STEPS.values() if not step.is_done(loan, record)]


def _can_be_taken(step: Step, loan: Loan, record: Assessment) -> bool:
    """It is ours to take, nothing is missing for it, and it was not taken by anybody."""
    left = {one.name for one in _left(loan, record)}
    is_open = step.take is not None and step.name in left and not left & set(step.needs)
    return is_open and loan.status == loans.LOAN.initial and step.awaited(loan) is None


def _to(record: Assessment, status: str, **told: Any) -> None:
    told = {"waits_for": None, "reason": None, **told}
    if record.status == status:
        record.change(**told)
    else:
        ASSESSMENT.move(record, status, remark=told["reason"], **told)


def forgotten() -> ModelSelect:
    """Assessments whose step was lost, and those that have waited so long that it is worth a look."""
    lost = (Assessment.status == RUNNING) & (Assessment.looked_at < clock.now() - LOST_AFTER)
    waits = (Assessment.status == WAITING) & (Assessment.looked_at < clock.now() - FORGOTTEN_AFTER)
    return Assessment.select().where(lost | waits).order_by(Assessment.looked_at)


def look_again(assessment_id: UUID | str) -> None:
    """Look at one of these."""
    record = Assessment.find(assessment_id).locked()
    _look(record, loans.get(record.loan_id))


def of_loan(loan_id: UUID | str) -> list[Assessment]:
    """Every assessment of a loan, newest first. Raises NotFound without the loan."""
    mine = Assessment.loan_id == loans.get(loan_id).id
    return list(Assessment.select().where(mine).order_by(Assessment.began_at.desc()))


def steps_for_customer(loan: Loan) -> list[dict[str, Any]]:
    """Each step to the decision as the customer is told of it; what is for staff to know stays with them."""
    record = latest(loan.id)
    is_automatic = record is not None
    record = record or Assessment(began_at=loans.to_evaluate_since(loan.id), status=None)
    left = {step.name for step in _left(loan, record)}
    return [_told(step, loan, record, left, is_automatic) for step in STEPS.values()]


def _told(step: Step, loan: Loan, record: Assessment, left: set[str], is_automatic: bool) -> dict[str, Any]:
    told = {"step": step.name, "waits_for": None, "reason": None}
    if step.name not in left:
        return told | {"status": "DONE"}
    awaited = step.awaited(loan)
    if awaited:
        return told | {"status": "WAITING", "waits_for": awaited.waits_for, "reason": awaited.reason}
    if left & set(step.needs):
        return told | {"status": "NEXT"}
    if not is_automatic or record.status == STOPPED:
        return told | {"status": "WAITING", "waits_for": STAFF, "reason": "Our credit team looks at it."}
    return told | {"status": "RUNNING"}
