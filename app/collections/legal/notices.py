"""Legal notices: made from what the ledger says, sent by mail at once and on paper by a carrier, and followed."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.collections import claims
from app.collections.collected import RECOVERED_IN, refuse_others
from app.collections.models import LegalNotice
from app.collections.promises import policy
from app.collections.states import DISPATCHED, NOTICE, WITHDRAWN, move_remarked
from app.core import clock, identity
from app.core.errors import Conflict, Invalid
from app.documents import papers
from app.loans import service as loans
from app.messaging import service as messaging

CARRIERS = ("SPEED_POST", "REGISTERED_POST", "COURIER", "HAND")
_TRACKED = ("SPEED_POST", "REGISTERED_POST", "COURIER")
KIND = "LEGAL_NOTICE"
_OPEN = (NOTICE.initial, DISPATCHED)


def issue(loan_id: UUID | str, language: str | None = None) -> LegalNotice:
    """Make the notice as PDF and mail it; the printed one is sent by hand after it.

    Raises Conflict where nothing is collected, the loan is not overdue for as long as the policy of the brand asks, and
    while one is under way.
    """
    loan = loans.get(loan_id).locked()
    today, rules = clock.today(), policy()
    refuse_others(loan, RECOVERED_IN)
    owed = claims.of(loan, today)
    if owed.days_past_due < rules["legal_notice_from_days"]:
        text = f"{owed.days_past_due} days past due, a legal notice needs {rules['legal_notice_from_days']}."
        raise Conflict(text, code="TOO_EARLY")
    if LegalNotice.select().where(LegalNotice.loan_id == loan.id, LegalNotice.status.in_(_OPEN)).exists():
        raise Conflict("A legal notice is under way.", code="NOTICE_OPEN")
    letter = papers.make(loan, KIND, language, anew=True)
    notice = LegalNotice.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        status=NOTICE.initial,
        document_id=letter.id,
        number=letter.number,
        total_due=owed.total,
        days_past_due=owed.days_past_due,
        pay_by=today + timedelta(days=rules["legal_notice_answer_days"]),
        made_by=identity.actor().id,
    )
    NOTICE.start(notice)
    messaging.notify(
        loan.customer_id,
        "legal_notice",
        loan_id=loan.id,
        documents=[letter.id],
        loan_no=loan.loan_no,
        number=notice.number,
        pay_by=notice.pay_by,
    )
    return notice


def dispatch(
    notice_id: UUID | str, carrier: str, tracking_no: str | None, dispatched_on: date
) -> LegalNotice:
    """The paper left. Raises Invalid for a day to come or before it was made, and without the number of who tracks."""
    notice = LegalNotice.find(notice_id)
    _refuse_day(dispatched_on, notice, "dispatched_on")
    if carrier in _TRACKED and not tracking_no:
        raise Invalid("The carrier's number is needed to follow it.", field="tracking_no")
    return NOTICE.move(
        notice, DISPATCHED, carrier=carrier, tracking_no=tracking_no, dispatched_on=dispatched_on
    )


def end(notice_id: UUID | str, status: str, on: date, remark: str | None = None) -> LegalNotice:
    """It was DELIVERED, or RETURNED and another may be made. Raises Invalid for a day to come or before it left."""
    notice = LegalNotice.find(notice_id)
    _refuse_day(on, notice, "on")
    return move_remarked(NOTICE, notice, status, remark, ended_on=on)


def withdraw(notice_id: UUID | str, remark: str) -> LegalNotice:
    """The paper is not sent."""
    notice = LegalNotice.find(notice_id)
    return move_remarked(NOTICE, notice, WITHDRAWN, remark, ended_on=clock.today())


def _refuse_day(day: date, notice: LegalNotice, field: str) -> None:
    first = notice.dispatched_on or clock.business_day(notice.created_at)
    if not first <= day <= clock.today():
        raise Invalid(f"From {first} to today.", field=field)


def search(args: Mapping[str, Any]) -> ModelSelect:
    """Notices by state and loan; with `expired` those that reached the customer and whose last day has passed."""
    query = LegalNotice.asked(status=args["status"], loan_id=args["loan_id"])
    if args["expired"]:
        query = query.where(LegalNotice.status == "DELIVERED", LegalNotice.pay_by < clock.today())
    return query
