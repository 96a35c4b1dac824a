"""Field visits: asked for, given to somebody, made within the rules of contact, and seen by who leads."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.collections.collected import RECOVERED_IN, refuse_others
from app.collections.models import FieldVisit
from app.collections.states import COLLECTORS, VISIT, move_remarked
from app.contacts import service as contacts
from app.core import clock, identity
from app.core.errors import Conflict, Forbidden, Invalid
from app.documents import service as documents
from app.loans import service as loans
from app.payments import manual
from app.staff import authority
from app.staff import service as staff

PHOTOS_MAX = 5
NOBODY = "NOBODY"
# what is said of a trip, and of the next one anew
TRIP = (
    "partner_user_id", "started_at", "reached_at", "ended_at", "latitude", "longitude", "distance_km", "outcome",
    "met_whom", "amount_collected", "manual_payment_id", "next_action_date", "remark",
)  # fmt: skip
_PHOTO_WHILE = ("STARTED", "REACHED", "ENDED")


def request(loan_id: UUID | str, visit_type: str, reason: str) -> FieldVisit:
    """Ask for somebody to go. Raises Conflict while another visit to the loan's customer is under way, and where
    nothing is collected."""
    loan = loans.get(loan_id).locked()
    refuse_others(loan, RECOVERED_IN)
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
    """Give it to a collector, also one that has to be made again: what came of the trip before is kept. Raises NotFound
    if there is no such person, Invalid if they do not collect."""
    visit = FieldVisit.find(visit_id).locked()
    authority.roles_of(executive_id)
    if not any(executive_id in staff.working(role) for role in COLLECTORS):
        raise Invalid("They do not collect, or not any more.", field="executive_id", code="NOT_THEIR_WORK")
    visit.change(**_anew(visit))
    return VISIT.move(visit, "ALLOCATED", partner_user_id=executive_id)


def _anew(visit: FieldVisit) -> dict[str, Any]:
    if visit.ended_at is None:
        return {}
    trip = {name: getattr(visit, name) for name in TRIP}
    kept = {name: value if value is None else str(value) for name, value in trip.items()}
    return {**dict.fromkeys(TRIP), "earlier_trips": [*visit.earlier_trips, kept]}


def start(visit_id: UUID | str) -> FieldVisit:
    """Set out. Raises ContactRefused where the customer may not be visited now, Conflict where nothing is collected any
    more."""
    visit = _own(visit_id)
    refuse_others(loans.get(visit.loan_id), RECOVERED_IN)
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
    """Be there, and where that is. Raises ContactRefused where the hours of contact are over by then: nobody is met."""
    visit = _own(visit_id)
    contacts.refuse_hour(visit.customer_id, "VISIT")
    place = {"latitude": latitude, "longitude": longitude, "distance_km": distance_km}
    return VISIT.move(visit, "REACHED", reached_at=clock.now(), **place)


def end(visit_id: UUID | str, receipt_no: str | None = None, **found: Any) -> FieldVisit:
    """Say what came of it. Cash that was taken is told to the checkers of payments, under the number of its receipt.

    Raises Invalid for a day to come back that has passed, Conflict for somebody met or money taken where nobody was,
    and for a receipt that is known.
    """
    visit = _own(visit_id).locked()
    if found["next_action_date"] and found["next_action_date"] < clock.today():
        raise Invalid("This day has passed.", field="next_action_date")
    if visit.status == "STARTED" and (found["met_whom"] != NOBODY or found["amount_collected"]):
        raise Conflict("Say first where you are.", code="NOT_REACHED")
    visit = move_remarked(VISIT, visit, "ENDED", ended_at=clock.now(), **found)
    if found["amount_collected"]:
        visit.change(manual_payment_id=_taken(visit, receipt_no))
    return visit


def _taken(visit: FieldVisit, receipt_no: str) -> UUID:
    payment = manual.submit(
        loans.get(visit.loan_id),
        amount=visit.amount_collected,
        method="CASH",
        reference=receipt_no,
        received_on=clock.today(),
        remark="Taken on a field visit",
    )
    return payment.id


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
    return move_remarked(VISIT, FieldVisit.find(visit_id), "CANCELLED", remark)


def _own(visit_id: UUID | str) -> FieldVisit:
    visit = FieldVisit.find(visit_id)
    if str(visit.partner_user_id) != identity.actor().id:
        raise Forbidden("This visit is somebody else's.")
    return visit


def search(args: dict[str, Any]) -> ModelSelect:
    """Visits by state, loan and who makes them."""
    return FieldVisit.asked(
        status=args["status"], loan_id=args["loan_id"], partner_user_id=args["executive_id"]
    )
