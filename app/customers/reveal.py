"""Personal data in full, to those who may, for a reason, and not often: each time is in the audit trail."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.config import settings
from app.core import audit, clock, identity
from app.core.audit import AuditEvent
from app.core.database import current_brand, db
from app.core.errors import TooMany
from app.customers import service
from app.customers.models import Customer
from app.kyc import service as kyc

ACTION = "personal_data.revealed"


def _account_number(customer: Customer) -> str | None:
    account = kyc.verified_account(customer.id)
    return account.account_number if account else None


# by its name over the wire: where it is
_VALUES: Mapping[str, Callable[[Customer], Any]] = {
    "phone": lambda customer: customer.phone,
    "email": lambda customer: customer.email,
    "pan": lambda customer: customer.pan,
    "dob": lambda customer: customer.dob,
    "address": lambda customer: customer.address,
    "currentAddress": lambda customer: customer.current_address,
    "alternatePhone": lambda customer: customer.alternate_phone,
    "officeEmail": lambda customer: customer.office_email,
    "homePhone": lambda customer: customer.home_phone,
    "officePhone": lambda customer: customer.office_phone,
    "employerAddress": lambda customer: customer.employer_address,
    "motherName": lambda customer: customer.mother_name,
    "accountNumber": _account_number,
}
FIELDS = tuple(_VALUES)


class TooManyRevealed(TooMany):
    """The hour's worth was seen."""

    code = "TOO_MANY_REVEALED"


def reveal(customer_id: UUID | str, fields: list[str], reason: str) -> dict[str, Any]:
    """The clear values of `fields`, by their names over the wire. Raises NotFound, or TooManyRevealed."""
    customer, names = service.get(customer_id), sorted(set(fields))
    note(customer.id, names, reason)
    return {name: _VALUES[name](customer) for name in names}


def note(customer_id: UUID, names: list[str], reason: str) -> None:
    """Somebody looks at this of a customer: counts it and writes it down. Raises TooManyRevealed."""
    _count()
    audit.record(ACTION, "customer", customer_id, after={"fields": names}, reason=reason)


def _count() -> None:
    """One more for this member of staff in this hour. Raises TooManyRevealed."""
    who, most = identity.actor().id, settings().reveals_per_hour
    # one at a time for each of them, so that calls at once are counted as well
    lock = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 14))"
    db.execute_sql(lock, (f"{current_brand()}|{who}",))
    mine = AuditEvent.action == ACTION, AuditEvent.actor_id == who
    recent = AuditEvent.select().where(*mine, AuditEvent.created_at > clock.now() - timedelta(hours=1))
    if recent.count() >= most:
        raise TooManyRevealed(f"You may look at the personal data of customers {most} times an hour.")
