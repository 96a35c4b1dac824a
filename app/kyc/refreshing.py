"""Asking again although an answer is still good: by staff who may, for a reason, because it costs money."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from uuid import UUID

from app.customers import service as customers
from app.customers.service import Customer
from app.kyc import attempts, bank_accounts, employments, identity, mobile
from app.kyc.attempts import BANK_ACCOUNT, EMPLOYMENT, MOBILE_TO_ADDRESS, MOBILE_TO_PAN, PAN, NotAccepted
from app.kyc.models import KycCheck


def _employment(customer: Customer, reason: str) -> KycCheck:
    known = attempts.latest_verified(customer.id, EMPLOYMENT)
    return employments.ask(customer, known.result.get("typed_uan") if known else None, reason)


# what can be asked without the customer: an Aadhaar cannot, the code comes to their phone
ASKS: Mapping[str, Callable[[Customer, str], KycCheck]] = {
    PAN: lambda customer, reason: identity.ask_pan(customer, customer.pan, reason),
    MOBILE_TO_PAN: lambda customer, reason: mobile.ask(customer, MOBILE_TO_PAN, reason),
    MOBILE_TO_ADDRESS: lambda customer, reason: mobile.ask(customer, MOBILE_TO_ADDRESS, reason),
    BANK_ACCOUNT: bank_accounts.refresh,
    EMPLOYMENT: _employment,
}


def refresh(customer_id: UUID | str, kind: str, reason: str) -> KycCheck:
    """The new attempt, whatever was answered; it counts in place of the old one once it has an answer.

    Raises Conflict before the PAN is verified, Unanswered (then the old answer stands).
    """
    customer = customers.get(customer_id).locked()
    attempts.pan_needed(customer.id)
    with suppress(NotAccepted):
        ASKS[kind](customer, reason)
    return attempts.newest(customer.id, kind)
