"""Suits that were filed for what is owed: where, under which number, and until when the bureaus are told of them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.collections.collected import RECOVERED_IN, refuse_others
from app.collections.models import Suit
from app.collections.states import ENDED, SUIT, VOID, move_remarked
from app.core import clock, identity
from app.core.errors import Conflict, Invalid
from app.loans import service as loans


def file(loan_id: UUID | str, court: str, case_number: str, filed_on: date) -> Suit:
    """A suit was filed. Raises Conflict where nothing is collected, or the case is known; Invalid for a day to come, or
    before the credit."""
    loan = loans.get(loan_id).locked()
    refuse_others(loan, RECOVERED_IN)
    _refuse_day(filed_on, clock.business_day(loan.disbursed_at), "filed_on")
    case = (Suit.loan_id == loan.id, Suit.court == court, Suit.case_number == case_number)
    if Suit.select().where(*case, Suit.status != VOID).exists():
        raise Conflict("This case is known.", code="SUIT_KNOWN", field="case_number")
    suit = Suit.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        status=SUIT.initial,
        court=court,
        case_number=case_number,
        filed_on=filed_on,
        told_by=identity.actor().id,
    )
    SUIT.start(suit)
    return suit


def end(suit_id: UUID | str, on: date, remark: str) -> Suit:
    """It was decided, or taken back. Raises Invalid for a day to come, or before it was filed."""
    suit = Suit.find(suit_id)
    _refuse_day(on, suit.filed_on, "on")
    return move_remarked(SUIT, suit, ENDED, remark, ended_on=on)


def void(suit_id: UUID | str, remark: str) -> Suit:
    """It was written down by mistake: there was none."""
    return move_remarked(SUIT, Suit.find(suit_id), VOID, remark, ended_on=clock.today())


def _refuse_day(day: date, first: date, field: str) -> None:
    if not first <= day <= clock.today():
        raise Invalid(f"From {first} to today.", field=field)


def search(args: Mapping[str, Any]) -> ModelSelect:
    """Suits by state and loan."""
    return Suit.asked(status=args["status"], loan_id=args["loan_id"])
