"""Employment as the provident fund (EPFO) knows it: phone and PAN to UAN, UAN to every employer."""

from datetime import date
from uuid import UUID

from app.consents import service as consents
from app.customers import service as customers
from app.kyc import attempts
from app.kyc.attempts import EMPLOYMENT
from app.kyc.models import Employment
from app.kyc.names import match_percent
from app.providers.digitap import Employer, UanRecord

# A phone may be registered for a relative's UAN as well.
NAME_MATCH_MIN_PERCENT = 60
NOT_FOUND = "EPFO knows no employer of yours with this phone, PAN and UAN."


def look_up(customer_id: UUID | str, uan: str | None) -> Employment:
    """The present or latest employer. All are fetched: of `uan`, which must be registered with the customer's
    phone or PAN, or of every UAN that is.

    Asking again costs nothing once it is VERIFIED. Raises NotAccepted, Unanswered, or Conflict before the PAN
    is verified.
    """
    customer = customers.get(customer_id).locked()
    consents.require(customer.id, "KYC")
    attempts.pan_needed(customer.id)
    if not attempts.verified(customer.id, EMPLOYMENT):
        _fetch(customer, uan)
    return of_customer(customer.id)[0]


def _fetch(customer: customers.Customer, uan: str | None) -> None:
    check = attempts.begin(customer.id, EMPLOYMENT)
    with attempts.asking(check):
        answer = attempts.provider().employment_history(
            reference=str(check.id), mobile=customer.phone, pan=customer.pan
        )
    records = [record for record in answer.records if _is_theirs(record, customer.name, uan)]
    stints = [
        (record.uan, stint) for record in records for stint in record.history or (record.employer,) if stint
    ]
    if not stints:
        attempts.reject(check, NOT_FOUND)
        raise attempts.refused(check)
    for own_uan, stint in stints:
        _keep(customer.id, own_uan, stint)
    attempts.verify(check, {"uans": [record.uan for record in records], "is_partial": answer.is_partial})


def _is_theirs(record: UanRecord, name: str, uan: str | None) -> bool:
    is_named = not record.name or match_percent(record.name, name) >= NAME_MATCH_MIN_PERCENT
    return is_named and uan in (None, record.uan)


def _keep(customer_id: UUID, uan: str, stint: Employer) -> None:
    Employment.create(
        customer_id=customer_id,
        uan=uan,
        employer_name=stint.establishment_name,
        joining_date=stint.joined_on,
        exit_date=stint.left_on,
        is_current=stint.left_on is None,
    )


def of_customer(customer_id: UUID | str) -> list[Employment]:
    """Every stint, the present one first, then by the day they joined, newest first."""
    mine = Employment.customer_id == customer_id
    order = Employment.is_current.desc(), Employment.joining_date.desc(nulls="LAST"), Employment.id
    return list(Employment.select().where(mine).order_by(*order))


def tenure_months(joined: date | None, as_of: date) -> int | None:
    """Completed months since the day of joining; None when EPFO does not say it."""
    if joined is None or joined > as_of:
        return None
    return (as_of.year - joined.year) * 12 + as_of.month - joined.month - (as_of.day < joined.day)
