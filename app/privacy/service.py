"""What customers ask about their data by right, the staff's queue of it, and legal holds."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from peewee import IntegrityError, ModelSelect

from app.consents import service as consents
from app.core import audit, clock, identity
from app.core.database import current_brand, db
from app.core.errors import Conflict, NotFound
from app.core.numbers import next_number
from app.core.outbox import enqueue
from app.customers import service as customers
from app.files import get_sealed, put_sealed
from app.messaging import service as messaging
from app.privacy import erasing, export, retention
from app.privacy.models import LegalHold, PrivacyRequest
from app.privacy.retention import BORROWER
from app.privacy.states import ANSWER_DAYS, DONE, PARTLY_DONE, RECEIVED, REFUSED, REQUEST, RESTRICTED
from storage import key_for

# what a job answers by itself; the rest waits for staff
JOBS = {"ACCESS": "privacy.answer_access", "ERASURE": "privacy.answer_erasure"}
# without these nothing of an application or a loan suffers
OPTIONAL = ("MARKETING", "COMM_WHATSAPP", "LOCATION", "DATA_SHARING_LSP")


# for the answer to reach a phone whose number is about to go
ERASED_AFTER_S = 300


def ask(customer_id: UUID | str, kind: str, details: dict[str, Any] | None) -> PrivacyRequest:
    """Take a request in. Raises Conflict (ALREADY_ASKED) while an ACCESS or ERASURE of this customer waits."""
    try:
        with db.atomic():
            request = PrivacyRequest.create(
                request_no=next_number("P"),
                customer_id=customers.get(customer_id).id,
                kind=kind,
                status=REQUEST.initial,
                details=details,
                due_on=clock.today() + timedelta(days=ANSWER_DAYS[kind]),
            )
    except IntegrityError:
        raise Conflict(
            "You asked for that already; the answer is on its way.", code="ALREADY_ASKED"
        ) from None
    REQUEST.start(request)
    audit.record(
        "privacy.asked", "privacy_request", request.id, subject_id=request.customer_id, after={"kind": kind}
    )
    if kind in JOBS:
        enqueue(JOBS[kind], request_id=request.id)
    return request


def of_customer(customer_id: UUID | str) -> list[PrivacyRequest]:
    """A customer's requests, newest first."""
    mine = PrivacyRequest.customer_id == customer_id
    return list(PrivacyRequest.select().where(mine).order_by(PrivacyRequest.id.desc()))


def for_customer(request_id: UUID | str, customer_id: UUID | str) -> PrivacyRequest:
    """One of a customer's requests, or NotFound."""
    return PrivacyRequest.find(request_id, customer_id=customer_id)


def get(request_id: UUID | str) -> PrivacyRequest:
    """A request, or NotFound."""
    return PrivacyRequest.find(request_id)


def search(filters: dict[str, Any]) -> ModelSelect:
    """Requests by kind, status, customer and number; `overdue` are those that should have been answered."""
    alike = ("kind", "status", "customer_id", "request_no")
    query = PrivacyRequest.asked(**{name: filters[name] for name in alike})
    if filters["overdue"]:
        query = query.where(PrivacyRequest.status == RECEIVED, PrivacyRequest.due_on < clock.today())
    return query


def answer(
    request_id: UUID | str,
    status: str,
    text: str,
    *,
    reasons: list[str] | None = None,
    schedule: list[dict[str, Any]] | None = None,
    **changes: Any,
) -> PrivacyRequest:
    """Answer a request and tell the customer that it is. Raises Conflict if it was answered before."""
    request = REQUEST.move(
        get(request_id),
        status,
        answer={"text": text},
        reasons=reasons or [],
        schedule=schedule or [],
        answered_at=clock.now(),
        answered_by=identity.actor().id,
        **changes,
    )
    messaging.notify(request.customer_id, "privacy_answer", request_no=request.request_no)
    return request


def answer_access(request_id: UUID | str) -> None:
    """Put together what we hold of the customer. Done once."""
    request = get(request_id).locked()
    if request.status != RECEIVED:
        return
    key = key_for(current_brand(), "privacy", f"{request.id}.enc")
    put_sealed(key, export.archive(request.customer_id))
    answer(request.id, DONE, "Your data is ready to be downloaded for seven days.", file_key=key)


def file_of(request: PrivacyRequest) -> bytes:
    """The ZIP of an ACCESS request. Raises NotFound before it is made and after it went. Audited."""
    if request.file_key is None:
        raise NotFound("file")
    audit.record("privacy.downloaded", "privacy_request", request.id, subject_id=request.customer_id)
    return get_sealed(request.file_key)


def answer_erasure(request_id: UUID | str) -> None:
    """Erase what may go, keep what must stay and say until when. Done once.

    A legal hold refuses; a loan that runs restricts: what is not needed for it stops, and the rest follows later.
    """
    request = get(request_id).locked()
    if request.status != RECEIVED:
        return
    stands = erasing.standing(request.customer_id)
    if erasing.is_held(request.customer_id):
        _refuse(request)
    elif stands.rule is None:
        _restrict(request)
    elif stands.kind == BORROWER and not stands.is_due:
        _erase_partly(request, stands)
    else:
        answer(request.id, DONE, "Your data is erased in a few minutes, and you are signed out.")
        enqueue("privacy.erase", delay_s=ERASED_AFTER_S, customer_id=request.customer_id)


def erase(customer_id: UUID | str) -> None:
    """Erase a customer who asked for it, unless a hold or an application came in between."""
    customer = customers.get(customer_id)
    if erasing.standing(customer.id).rule and not erasing.is_held(customer.id):
        erasing.erase(customer.id)


def _refuse(request: PrivacyRequest) -> None:
    text = "Your data is needed for legal proceedings and cannot be erased now. You may ask again later."
    answer(request.id, REFUSED, text, reasons=[erasing.LEGAL_HOLD])


def _restrict(request: PrivacyRequest) -> None:
    _withdraw_optional(request.customer_id)
    text = (
        "You have an application or a loan with us, so the law lets us keep the data that it needs. We use it for"
        " nothing else from now on. Ask again when it has ended."
    )
    rules = [rule for rule in retention.RETENTION if rule.whose == BORROWER]
    schedule = [
        {"dataClass": r.data_class, "until": f"{r.days} days after {r.since}", "basis": r.basis}
        for r in rules
    ]
    answer(request.id, RESTRICTED, text, reasons=[erasing.LIVE_LOAN], schedule=schedule)


def _erase_partly(request: PrivacyRequest, stands: erasing.Standing) -> None:
    _withdraw_optional(request.customer_id)
    text = "What the law does not make us keep was erased. The rest goes by itself on the day that is named."
    schedule = erasing.schedule(stands)
    answer(request.id, PARTLY_DONE, text, reasons=[erasing.KEPT_BY_LAW], schedule=schedule)
    erasing.erase(request.customer_id, retention.on_request())


def _withdraw_optional(customer_id: UUID) -> None:
    for purpose in OPTIONAL:
        if consents.live(customer_id, purpose):
            consents.withdraw(customer_id, purpose, channel="PRIVACY_REQUEST")


def hold(customer_id: UUID | str, reason: str) -> LegalHold:
    """Nothing of the customer is erased from now on. Raises Conflict if there is a hold already."""
    customer = customers.get(customer_id)
    if erasing.is_held(customer.id):
        raise Conflict("There is a hold on this customer already.", code="ALREADY_HELD")
    placed = LegalHold.create(customer_id=customer.id, reason=reason, placed_by=identity.actor().id)
    audit.record("legal_hold.placed", "legal_hold", placed.id, subject_id=customer.id, reason=reason)
    return placed


def release(hold_id: UUID | str, reason: str) -> LegalHold:
    """End a hold. Raises Conflict if it was ended before."""
    found = LegalHold.find(hold_id).locked()
    if found.released_at:
        raise Conflict("This hold was released before.", code="ALREADY_RELEASED")
    found.change(released_at=clock.now(), released_by=identity.actor().id, release_reason=reason)
    audit.record("legal_hold.released", "legal_hold", found.id, subject_id=found.customer_id, reason=reason)
    return found


def holds(customer_id: UUID | None, live: bool | None) -> ModelSelect:
    """Holds of the brand."""
    query = LegalHold.asked(customer_id=customer_id)
    return query if live is None else query.where(LegalHold.released_at.is_null(live))
