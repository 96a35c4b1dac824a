"""Field visits: asked for, given to somebody, made within the rules of contact, and seen by who leads."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.collections.models import FieldVisit
from app.collections.states import VISIT
from app.contacts import service as contacts
from app.core import clock, identity
from app.core.errors import Conflict, Forbidden
from app.documents import service as documents
from app.loans import service as loans
from app.staff import authority as staff

PHOTOS_MAX = 5
_PHOTO_WHILE = ("STARTED", "REACHED", "ENDED")


def request(loan_id: UUID | str, visit_type: str, reason: str) -> FieldVisit:
    """Ask for somebody to go. Raises Conflict while another visit to the loan's customer is under way."""
    loan = loans.get(loan_id).locked()
    over = ("APPROVED", "CANCELLED")
    if FieldVisit.select().where(FieldVisit.loan_id == loan.id, FieldVisit.status.not_in(over)).exists():
        raise Conflict("A visit is under way.", code="VISIT_OPEN")
    visit = FieldVisit.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        status=VISIT.initial,
        visit_type=visit_type,
        reason=reason,
        requested_by=identity.actor().id,
    )
    VISIT.start(visit)
    return visit


def assign(visit_id: UUID | str, executive_id: UUID) -> FieldVisit:
    """Give it to somebody of the brand's staff. Raises NotFound if there is no such person."""
    staff.roles_of(executive_id)
    return VISIT.move(FieldVisit.find(visit_id), "ALLOCATED", partner_user_id=executive_id)


def start(visit_id: UUID | str) -> FieldVisit:
    """Set out. Raises ContactRefused where the customer may not be visited now."""
    visit = _own(visit_id)
    contacts.attempt(visit.customer_id, "VISIT", loan_id=visit.loan_id)
    return VISIT.move(visit, "STARTED", started_at=clock.now())


def was_made(loan_id: UUID, at: datetime) -> bool:
    """Whether somebody set out to the customer on the day of `at`, before it."""
    day = clock.start_of(clock.business_day(at))
    return (
        FieldVisit.select()
        .where(FieldVisit.loan_id == loan_id, FieldVisit.started_at.between(day, at))
        .exists()
    )


def reach(
    visit_id: UUID | str, latitude: Decimal, longitude: Decimal, distance_km: Decimal | None
) -> FieldVisit:
    """Be there, and where that is."""
    place = {"latitude": latitude, "longitude": longitude, "distance_km": distance_km}
    return VISIT.move(_own(visit_id), "REACHED", reached_at=clock.now(), **place)


def end(visit_id: UUID | str, **found: Any) -> FieldVisit:
    """Say what came of it."""
    return VISIT.move(_own(visit_id), "ENDED", ended_at=clock.now(), **found)


def add_photo(visit_id: UUID | str, data: bytes, content_type: str) -> FieldVisit:
    """Keep a photo taken there. Raises Invalid for what is no picture, Conflict when no visit is under way."""
    visit = _own(visit_id).locked()
    if visit.status not in _PHOTO_WHILE or len(visit.photo_ids) >= PHOTOS_MAX:
        raise Conflict(f"Up to {PHOTOS_MAX} photos are taken on a visit.", code="NO_PHOTO_NOW")
    photo = documents.store(
        visit.customer_id, "VISIT_PHOTO", data, content_type, loan_id=visit.loan_id, status="VERIFIED"
    )
    visit.change(photo_ids=[*visit.photo_ids, str(photo.id)])
    return visit


def approve(visit_id: UUID | str) -> FieldVisit:
    """A lead has seen it. Raises Forbidden for who made it."""
    visit, who = FieldVisit.find(visit_id), identity.actor().id
    if str(visit.partner_user_id) == who:
        raise Forbidden("Somebody else approves one's own visit.")
    return VISIT.move(visit, "APPROVED", approved_by=who)


def cancel(visit_id: UUID | str, remark: str) -> FieldVisit:
    """Nobody goes."""
    return VISIT.move(FieldVisit.find(visit_id), "CANCELLED", remark=remark)


def _own(visit_id: UUID | str) -> FieldVisit:
    visit = FieldVisit.find(visit_id)
    if str(visit.partner_user_id) != identity.actor().id:
        raise Forbidden("This visit is somebody else's.")
    return visit


def search(args: dict[str, Any]) -> ModelSelect:
    """Visits by state, loan and who makes them."""
    query = FieldVisit.select()
    for column, name in (
        (FieldVisit.status, "status"),
        (FieldVisit.loan_id, "loan_id"),
        (FieldVisit.partner_user_id, "executive_id"),
    ):
        query = query.where(column == args[name]) if args[name] else query
    return query
