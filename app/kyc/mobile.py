"""Whose phone it is: its number leads to a PAN and to an address, which are compared with what the customer proved."""

from contextlib import suppress
from dataclasses import asdict
from uuid import UUID

from app.consents import service as consents
from app.core import audit
from app.customers import service as customers
from app.kyc import attempts
from app.kyc.attempts import MOBILE_TO_ADDRESS, MOBILE_TO_PAN, NotAccepted
from app.kyc.models import KycCheck
from app.kyc.names import match_percent

NO_PAN = "Nobody knows a PAN for this phone."
OTHER_PAN = "The phone is known under another PAN."
NO_ADDRESS = "Nobody knows an address for this phone."


def verify(customer_id: UUID | str) -> list[KycCheck]:
    """Both lookups, each asked once while its answer is good. A no is an answer, which the credit policy weighs.

    Raises Unanswered, or Conflict before the PAN is verified.
    """
    customer = customers.get(customer_id).locked()
    attempts.pan_needed(customer.id)
    return [
        attempts.answered(customer.id, kind) or ask(customer, kind)
        for kind in (MOBILE_TO_PAN, MOBILE_TO_ADDRESS)
    ]


def ask(customer: customers.Customer, kind: str, refresh_reason: str | None = None) -> KycCheck:
    """One of the lookups, whatever is known already. Raises Unanswered."""
    check = attempts.begin(customer.id, kind, refresh_reason=refresh_reason)
    # where nobody knows the phone, the attempt says so
    with suppress(NotAccepted):
        _LOOKUPS[kind](check, customer)
    return check


def _pan(check: KycCheck, customer: customers.Customer) -> None:
    known = attempts.ask(
        check, lambda provider: provider.mobile_prefill(mobile=customer.phone, reference=str(check.id))
    )
    name_match = match_percent(customer.name, known.name) if known.name else None
    # another person's PAN is nothing for us to keep
    result = {"pan_matches": known.pan == customer.pan, "name_match_percent": name_match}
    if not known.pan:
        attempts.reject(check, NO_PAN)
    elif result["pan_matches"]:
        attempts.verify(check, result)
    else:
        attempts.reject(check, OTHER_PAN, result)


def _address(check: KycCheck, customer: customers.Customer) -> None:
    consent = consents.require(customer.id, "KYC")
    addresses = attempts.ask(
        check,
        lambda provider: provider.mobile_address(
            mobile=customer.phone,
            name=customer.name,
            consented_at=consent.created_at,
            ip=consent.ip or audit.where_from()["ip"],
            reference=str(check.id),
        ),
    )
    if addresses:
        attempts.verify(check, {"addresses": [asdict(address) for address in addresses]})
    else:
        attempts.reject(check, NO_ADDRESS)


_LOOKUPS = {MOBILE_TO_PAN: _pan, MOBILE_TO_ADDRESS: _address}
