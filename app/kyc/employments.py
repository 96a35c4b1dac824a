"""Employment as the provident fund (EPFO) knows it: phone and PAN to UAN, UAN to every employer."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from app.customers import service as customers
from app.kyc import attempts
from app.kyc.attempts import EMPLOYMENT
from app.kyc.models import Employment, KycCheck
from app.kyc.names import match_percent
from app.providers.digitap import DigitapClient, Employer, UanRecord
from app.providers.digitap import Employment as EpfoAnswer
from app.providers.errors import ProviderRejected

# A phone may be registered for a relative's UAN as well.
NAME_MATCH_MIN_PERCENT = 60
# A number that was only typed in proves nothing by itself.
TYPED_NAME_MATCH_MIN_PERCENT = 80
NOT_FOUND = "EPFO knows no employer of yours with this phone, PAN and UAN."


def look_up(customer_id: UUID | str, uan: str | None) -> Employment:
    """The present or latest employer. All are fetched: of every UAN that is registered with the customer's phone or
    PAN, or of the one that was typed in.

    Asking again costs nothing while the answer is good. Raises NotAccepted, Unanswered, or Conflict before the PAN
    is verified.
    """
    customer = customers.get(customer_id).locked()
    attempts.pan_needed(customer.id)
    if not attempts.verified(customer.id, EMPLOYMENT):
        ask(customer, uan)
    return of_customer(customer.id)[0]


def ask(customer: customers.Customer, uan: str | None = None, refresh_reason: str | None = None) -> KycCheck:
    """Ask EPFO, whatever is known already. Raises NotAccepted, Unanswered."""
    check = attempts.begin(customer.id, EMPLOYMENT, refresh_reason=refresh_reason)
    answers = attempts.ask(check, lambda provider: _answers(provider, check, customer, uan))
    stints = [stint for answer, is_typed in answers for stint in _stints(answer, is_typed, customer, uan)]
    if not stints:
        attempts.reject(check, NOT_FOUND)
        raise attempts.refused(check)
    _keep(customer.id, stints)
    is_partial = any(answer.is_partial for answer, _ in answers)
    uans = list(dict.fromkeys(own_uan for own_uan, _ in stints))
    attempts.verify(check, {"uans": uans, "is_partial": is_partial, "typed_uan": uan})
    return check


def _answers(
    provider: DigitapClient, check: KycCheck, customer: customers.Customer, uan: str | None
) -> list[tuple[EpfoAnswer, bool]]:
    """What phone and PAN lead to and, where the UAN that was typed in is not among it, what the UAN itself leads to."""
    reference = str(check.id)
    try:
        answer = provider.employment_history(reference=reference, mobile=customer.phone, pan=customer.pan)
    except ProviderRejected:
        if uan is None:
            raise
    else:
        if uan is None or any(record.uan == uan for record in answer.records):
            return [(answer, False)]
    return [(provider.employment_history(reference=reference, uan=uan), True)]


def _stints(
    answer: EpfoAnswer, is_typed: bool, customer: customers.Customer, uan: str | None
) -> Iterator[tuple[str, Employer]]:
    for record in answer.records:
        if uan in (None, record.uan) and _is_theirs(record, customer, is_typed):
            yield from ((record.uan, stint) for stint in record.history or (record.employer,) if stint)


def _is_theirs(record: UanRecord, customer: customers.Customer, is_typed: bool) -> bool:
    if is_typed:
        return is_under(record, customer.name, customer.dob)
    return not record.name or match_percent(record.name, customer.name) >= NAME_MATCH_MIN_PERCENT


def is_under(record: UanRecord, name: str, born: date) -> bool:
    """Whether EPFO has a UAN that somebody typed in under this name and, as far as it knows one, date of birth."""
    is_born_then = record.date_of_birth in (None, born)
    return is_born_then and match_percent(record.name, name) >= TYPED_NAME_MATCH_MIN_PERCENT


def _keep(customer_id: UUID, stints: list[tuple[str, Employer]]) -> None:
    """These in place of those that were told before."""
    Employment.update(superseded=True).where(Employment.customer_id == customer_id).execute()
    for uan, stint in stints:
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
    mine = Employment.customer_id == customer_id, ~Employment.superseded
    order = Employment.is_current.desc(), Employment.joining_date.desc(nulls="LAST"), Employment.id
    return list(Employment.select().where(*mine).order_by(*order))


def tenure_months(joined: date | None, as_of: date) -> int | None:
    """Completed months since the day of joining; None when EPFO does not say it."""
    if joined is None or joined > as_of:
        return None
    return (as_of.year - joined.year) * 12 + as_of.month - joined.month - (as_of.day < joined.day)
