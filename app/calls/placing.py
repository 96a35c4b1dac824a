"""From the click to the provider: a customer's phone rings once for a click, whatever gets lost on the way.

That the provider is about to be asked is committed before it is. A worker that dies, or an answer that is lost, leaves
a call of which it is not known whether it rings: that is found out (app/calls/hearing.py), never tried again.
"""

from datetime import timedelta
from uuid import UUID

from peewee import IntegrityError

from app.brands import service as brands
from app.calls import extensions
from app.calls.models import UserCall
from app.calls.states import CALL, DIALLING, FAILED, INITIATED, RINGING, UNKNOWN
from app.contacts import service as contacts
from app.contacts.service import Channel, ContactRefused
from app.core import clock, identity
from app.core.database import brand_scope, current_brand, db
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.identity import Actor
from app.core.outbox import enqueue
from app.customers import service as customers
from app.customers.service import Customer
from app.loans import service as loans
from app.providers import ProviderError, ProviderUnavailable, client
from app.providers.errors import ProviderMalformed

# nobody waits at the phone any longer
CLICK_GOOD = timedelta(minutes=2)


def initiate(*, user_id: UUID, partner_user_id: UUID, brand_id: str, loan_id: UUID | None = None) -> UserCall:
    """Call a customer from one's own phone. The provider is asked once this is committed.

    Raises NotFound, Forbidden for another's phone, Conflict where calling is off, one has no phone, the customer is
    being called already, or a rule of contact forbids it (its name is the code).
    """
    _refuse_in_other_names(partner_user_id, brand_id)
    customer = _standing(user_id)
    loan = loans.for_customer(loan_id, customer.id) if loan_id else None
    brands.require("dialer")
    extension = extensions.of(partner_user_id)
    contacts.refuse_contact(customer.id, Channel.CALL)
    try:
        with db.atomic():
            call = UserCall.create(
                customer_id=customer.id,
                loan_id=loan and loan.id,
                partner_user_id=partner_user_id,
                extension=extension,
            )
    except IntegrityError:
        raise Conflict("This customer is being called already.", code="CALL_GOING_ON") from None
    CALL.start(call)
    enqueue("calls.dial", brand_id=current_brand(), call_id=call.id)
    return call


def _standing(user_id: UUID) -> Customer:
    customer = customers.get(user_id)
    if customer.erased_at is not None:
        raise NotFound("customer")
    return customer


def _refuse_in_other_names(partner_user_id: UUID, brand_id: str) -> None:
    if brand_id != current_brand():
        raise Invalid("You work for another brand in this call.", field="brand_id")
    if str(partner_user_id) != identity.actor().id:
        raise Forbidden("Everybody calls in their own name.", field="partner_user_id")


def dial(brand_id: str, call_id: UUID) -> None:
    """Ask the provider to ring the member of staff and then the customer, unless it was asked before."""
    with brand_scope(brand_id):
        call = UserCall.find(call_id).locked()
        if call.status != INITIATED or not _may_ring(call):
            return
        CALL.move(call, DIALLING, dialled_at=clock.now())
        to, ring_s = customers.get(call.customer_id).phone, brands.settings()["dialer"]["ring_seconds"]
    target, told = _click(brand_id, call, to, ring_s)
    with brand_scope(brand_id):
        call = UserCall.find(call_id).locked()
        # a webhook may have been faster than the answer
        if call.status == DIALLING:
            CALL.move(call, target, remark=told.get("failure_reason"), **told)


def _may_ring(call: UserCall) -> bool:
    """Whether the click still holds, at this instant; otherwise the call has failed. Counts the attempt."""
    if clock.now() - call.created_at > CLICK_GOOD:
        _fail(call, "The click came through too late.")
        return False
    try:
        with identity.acting(Actor(str(call.partner_user_id))):
            contacts.attempt(call.customer_id, Channel.CALL, loan_id=call.loan_id)
    except ContactRefused as refused:
        _fail(call, refused.message, refused.code)
        return False
    return True


def _fail(call: UserCall, reason: str, code: str | None = None) -> None:
    CALL.move(call, FAILED, reason_code=code, remark=reason, failure_reason=reason)


def _click(brand_id: str, call: UserCall, to: str, ring_s: int) -> tuple[str, dict[str, str]]:
    """The state that the provider's answer takes the call to, and what goes with it."""
    try:
        queued = client("acefone", brand_id).click_to_call(
            agent=call.extension, to=to, identifier=str(call.id), ring_s=ring_s
        )
    except (ProviderUnavailable, ProviderMalformed) as error:
        lost = getattr(error, "may_have_happened", True)
        return (UNKNOWN if lost else FAILED), {"failure_reason": error.message}
    except ProviderError as refusal:
        return FAILED, {"failure_reason": getattr(refusal, "reason", refusal.message)}
    return RINGING, {"ref_id": queued.ref_id or None}
