"""The customer's own UPI id (VPA), proven by the name under which its bank has it."""

from datetime import timedelta
from uuid import UUID

from app.brands import service as brands
from app.core import audit, clock
from app.core.names import tidy
from app.customers import service as customers
from app.kyc import attempts
from app.kyc.attempts import VPA
from app.kyc.bank_accounts import NAME_MATCH_MIN_PERCENT
from app.kyc.models import UserVpa
from app.kyc.names import match_percent
from app.providers.gateways import VpaValidator
from app.providers.money import VpaHolder

UNKNOWN = "No bank knows this UPI id."
NO_HOLDER = "The bank did not say whose UPI id this is. Give another one."
OTHER_HOLDER = "The bank has this UPI id under another name. Give one of your own."


def add(customer_id: UUID | str, vpa: str) -> UserVpa:
    """Ask whose UPI id this is and compare its holder with the PAN. One whose holder is known is not asked again.

    Raises NotAccepted where it is nobody's or somebody else's, Unanswered, or Conflict before the PAN is verified.
    """
    customer = customers.get(customer_id).locked()
    attempts.pan_needed(customer.id)
    known = _known(customer.id, vpa)
    if known and known.verified and _is_good(known):
        return known
    check = attempts.begin(customer.id, VPA)

    def whose(gateway: VpaValidator) -> VpaHolder:
        return gateway.validate_vpa(vpa=vpa, name=customer.name, reference=str(check.id))

    told = attempts.ask(check, whose)
    record = _keep(customer, vpa, told)
    if not record.verified:
        attempts.reject(check, _why_not(told))
        raise attempts.refused(check)
    attempts.verify(check, {"vpa": vpa})
    return record


def _known(customer_id: UUID, vpa: str) -> UserVpa | None:
    return UserVpa.get_or_none(UserVpa.customer_id == customer_id, UserVpa.vpa_hash.is_of(vpa))


def _is_good(record: UserVpa) -> bool:
    """Whether the brand still goes by the answer."""
    check = attempts.latest_verified(record.customer_id, VPA)
    days = brands.settings()["kyc_good_days"]["bank_account"]
    return check is not None and record.created_at > clock.now() - timedelta(days=days)


def _keep(customer: customers.Customer, vpa: str, told: VpaHolder) -> UserVpa:
    match = match_percent(customer.name, told.name) if told.name else None
    values = {
        "holder_name": tidy(told.name),
        "name_match_percent": match,
        "verified": told.is_valid and match is not None and match >= NAME_MATCH_MIN_PERCENT,
        "created_at": clock.now(),
    }
    record = _known(customer.id, vpa)
    if record:
        record.change(**values)
    else:
        record = UserVpa.create(
            customer_id=customer.id, vpa=vpa, vpa_hash=UserVpa.vpa_hash.hash_of(vpa), **values
        )
    after = {"nameMatchPercent": match, "verified": record.verified}
    audit.record("upi_id.checked", "user_vpa", record.id, after=after)
    return record


def _why_not(told: VpaHolder) -> str:
    if not told.is_valid:
        return UNKNOWN
    return OTHER_HOLDER if told.name else NO_HOLDER


def of_customer(customer_id: UUID | str) -> list[UserVpa]:
    """Every UPI id that was answered for, newest first."""
    mine = UserVpa.customer_id == customer_id
    return list(UserVpa.select().where(mine).order_by(UserVpa.created_at.desc()))


def get(customer_id: UUID | str, vpa_id: UUID | str) -> UserVpa:
    """One UPI id of a customer, or NotFound."""
    return UserVpa.find(vpa_id, customer_id=customer_id)


def verified(customer_id: UUID | str) -> UserVpa | None:
    """The UPI id to pay to: the newest verified one."""
    return next((record for record in of_customer(customer_id) if record.verified), None)
