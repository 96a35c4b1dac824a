"""What a gateway settled and we did not know is booked from its own report."""

from uuid import UUID

from app.brands import providers
from app.core.clock import business_day
from app.core.errors import Conflict, Unavailable
from app.payments import booking, service
from app.payments.booking import Received
from app.payments.models import ReconciliationException, SettlementLine
from app.payments.reconciliation import service as reconciling
from app.payments.reconciliation.service import BOOKED, IN_SUSPENSE, NOT_BOOKED
from app.payments.reversals import disputes
from app.payments.suspense import service as suspense
from app.providers import ProviderError, money

LOAN, SUSPENSE = "LOAN", "SUSPENSE"


def book(exception_id: UUID | str, to: str, remark: str) -> ReconciliationException:
    """Book a payment that was settled without us: on the LOAN of the request that it was paid on, or in SUSPENSE, where
    it goes as well if the gateway names no request of ours.

    Raises Conflict where it is resolved, of another kind, the gateway gave the money back, or it says what cannot be
    booked (OTHER_CURRENCY); Unavailable where the gateway does not answer.
    """
    exception = ReconciliationException.find(exception_id)
    reconciling.refuse_resolved(exception)
    if exception.kind != NOT_BOOKED:
        raise Conflict(f"It is {exception.kind}: there is nothing to book.", code="NOTHING_TO_BOOK")
    line = _line(exception)
    told = _asked(line) if to == LOAN else None
    exception = exception.locked()
    reconciling.refuse_resolved(exception)
    if told is None:
        _keep(line)
    else:
        service.take_over(told, line.provider)
    is_booked = booking.is_known(line.provider, line.provider_line_id)
    return reconciling.close(exception, BOOKED if is_booked else IN_SUSPENSE, remark)


def _line(exception: ReconciliationException) -> SettlementLine:
    same = {"provider": exception.provider, "provider_line_id": exception.provider_payment_id}
    line = SettlementLine.get_or_none(kind="payment", **same)
    if line is None:
        raise Conflict("The report of that day is not kept: reconcile it again.", code="REPORT_MISSING")
    return line


def _asked(line: SettlementLine) -> money.Payment | None:
    try:
        told = providers.payments(line.provider).find_payment(line.provider_line_id, line.provider_order_id)
        told = service.named(told, line.provider) if told else None
    except ProviderError as error:
        raise Unavailable("The gateway does not answer just now. Try again in a minute.") from error
    if told and told.status == money.REFUSED:
        raise Conflict(f"It cannot be booked: {told.error_description}.", code=told.error_reason)
    if told and told.status != "captured":
        raise Conflict(f"The gateway says that it is {told.status}.", code="NOT_CAPTURED")
    return told


def _keep(line: SettlementLine) -> None:
    booking.one_at_a_time(line.provider, line.provider_line_id)
    if booking.is_known(line.provider, line.provider_line_id):
        return
    came = Received(
        provider=line.provider,
        payment_id=line.provider_line_id,
        amount=line.amount,
        received_at=line.settled_at,
        received_on=business_day(line.settled_at),
        order_id=line.provider_order_id,
    )
    suspense.take_in(came)
    disputes.take_up(line.provider, line.provider_line_id)
