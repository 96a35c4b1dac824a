"""Calls that come in: from a customer's own phone to a number of the brand's.

A call is that of whoever took it, by their phone at the provider; of one that nobody took, or is still ringing, that of
who has the customer in hand, and they are told of one that was missed.
"""

from typing import Any

from peewee import IntegrityError

from app.allocation import service as allocation
from app.brands import service as brands
from app.calls import extensions
from app.calls.models import UserCall, UserCallEvent
from app.calls.states import CALL, MISSED, RINGING
from app.config import settings
from app.core import clock
from app.core.database import current_brand, db
from app.core.http import paginate
from app.customers import service as customers
from app.customers.service import Customer
from app.loans import service as loans
from app.messaging.staff import mails as to_staff
from app.providers.acefone import INBOUND, CallEvent

NOT_OURS, OTHER_NUMBER, OTHER_CALL = "NOT_OURS", "OTHER_NUMBER", "OTHER_CALL"
UNKNOWN_CALLER = "UNKNOWN_CALLER"


def find(told: CallEvent) -> tuple[UserCall | None, str | None]:
    """The call that it is about, made where this is the first of it, or why there is none."""
    if told.did_number not in _numbers():
        return None, NOT_OURS
    customer = customers.by_phone(told.customer_number)
    if customer is None:
        return None, UNKNOWN_CALLER
    call = UserCall.get_or_none(UserCall.provider_call_id == told.call_id) or _made(customer, told)
    is_it = call is not None and (call.direction, call.customer_id) == (INBOUND, customer.id)
    return (call, None) if is_it else (call, OTHER_CALL)


def _numbers() -> set[str]:
    """Ten digits of each number of the brand's."""
    own = settings().provider("acefone", current_brand()).credentials["caller_id"]
    return {number[-10:] for number in (own, *brands.settings()["dialer"]["numbers"])}


def _made(customer: Customer, told: CallEvent) -> UserCall | None:
    """None where another event of the call was faster: the job comes again."""
    allotted = allocation.at_work_on(customer.id)
    try:
        with db.atomic():
            call = UserCall.create(
                customer_id=customer.id,
                loan_id=allotted and allotted.loan_id,
                direction=INBOUND,
                partner_user_id=allotted and allotted.partner_user_id,
                provider_call_id=told.call_id,
                dialled_at=told.started_at or clock.now(),
            )
    except IntegrityError:
        return UserCall.get_or_none(UserCall.provider_call_id == told.call_id)
    CALL.start(call)
    return CALL.move(call, RINGING)


def followed(call: UserCall, told: CallEvent, was: str) -> None:
    """Whose an incoming call is, now that this is known of it and its state `was` another; they hear of one that was
    missed. Others stay as they are."""
    if call.direction != INBOUND:
        return
    taken_by = extensions.whose(told.agent_number)
    if taken_by is not None and told.status != MISSED:
        call.change(partner_user_id=taken_by.partner_user_id, extension=taken_by.extension)
    if call.status == MISSED != was and call.partner_user_id:
        loan_no = loans.get(call.loan_id).loan_no if call.loan_id else "no loan"
        at = call.dialled_at.astimezone(clock.INDIA)
        to_staff.tell(call.partner_user_id, "call_missed", loan_no=loan_no, at=f"{at:%d %b %H:%M}")


def unknown(args: dict[str, Any]) -> dict[str, Any]:
    """A page of the calls to the brand by people whom it does not know, as their ends were told, newest first."""
    query = UserCallEvent.select().where(UserCallEvent.fault == UNKNOWN_CALLER, UserCallEvent.kind == "ENDED")
    found = paginate(query, args, {"createdAt": UserCallEvent.created_at}, tie=UserCallEvent.id)
    names = ("call_id", "caller", "status", "started_at", "duration_s")
    items = [
        {name: event.told.get(name) for name in names} | {"id": event.id, "created_at": event.created_at}
        for event in found["items"]
    ]
    return found | {"items": items}
