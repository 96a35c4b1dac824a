"""Which reasons an application may end for, and what its customer is told."""

from app.core.errors import Invalid
from rules.reasons import CATALOGUE, CUSTOMER, OFFER_DECLINED, SANCTION_EXPIRED, WITHDRAWN, Reason

__all__ = ["CATALOGUE", "OFFER_DECLINED", "SANCTION_EXPIRED", "WITHDRAWN"]


def for_rejecting(code: str) -> Reason:
    """The reason of a code. Raises Invalid for one that is not in the catalogue, or is the customer's own."""
    return _known(code, is_customers=False)


def for_cancelling(code: str) -> Reason:
    """The same for the reasons that are the customer's."""
    return _known(code, is_customers=True)


def _known(code: str, *, is_customers: bool) -> Reason:
    reason = CATALOGUE.get(code)
    if reason is None or (reason.category == CUSTOMER) != is_customers:
        raise Invalid("No such reason here: see the catalogue of reasons.", field="reason_code")
    return reason


def told(code: str | None) -> str | None:
    """What a customer is told where this code ended their application; None for what is none of these."""
    reason = CATALOGUE.get(code or "")
    return reason.customer if reason else None
