"""What runs for payments in the background."""

from datetime import date, timedelta

from app.core import clock, webhooks
from app.core.outbox import enqueue, job
from app.mandates import service as mandates
from app.payments import service
from app.payments.presentations import files as presentation_files
from app.payments.presentations import responses
from app.payments.presentations import service as presentations
from app.payments.reconciliation import service as reconciling
from app.payments.reversals import disputes
from app.payments.states import PENDING, PROCESSING
from app.payments.suspense import refunds
from app.providers import money
from app.providers.errors import ProviderMalformed
from app.providers.hearing import money_event


@job(lease_s=120)
def process_event(event_id: str) -> None:
    """The provider said that something happened."""
    event = webhooks.take(event_id)
    if event is None:
        return
    match money_event(event.provider, event.body.encode()):
        case money.RefusedEvent() as told:
            webhooks.refused(event, told.name, told.code, told.reason)
            return
        case money.MandateEvent() | money.MandateRequestEvent() as told:
            mandates.hear(told, event.provider)
        case money.RefundEvent(refund=refund):
            refunds.hear(refund, event.provider)
        case money.DisputeEvent(dispute=dispute):
            disputes.hear(dispute, event.provider)
        case money.PaymentEvent(payment=payment) if mandates.is_registration(payment, event.provider):
            pass  # the event of the mandate tells what it is about
        case told:
            service.hear(told, event.provider)
    webhooks.processed(event)


@job()
def end_stale() -> None:
    """Ask about every page, order and debit that is past its end and of which nothing was heard."""
    for request in service.past_their_end():
        enqueue("payments.refresh_request", request_id=request.id)


@job(lease_s=120, attempts_max=3)
def refresh_request(request_id: str) -> None:
    """Ask about one of them, and end it. What the gateway answers and cannot be read is listed, and asked about again
    ever later."""
    try:
        service.refresh(request_id)
    except ProviderMalformed as error:
        service.unread(request_id, f"{error.field}: {error.reason}")


@job(lease_s=120)
def send_refund(refund_id: str) -> None:
    """Hand a refund to its gateway."""
    refunds.send(refund_id)


@job(lease_s=120, attempts_max=3)
def refresh_refund(refund_id: str) -> None:
    """Ask about a refund that is on its way. What the gateway answers and cannot be read is listed."""
    try:
        refunds.refresh(refund_id)
    except ProviderMalformed as error:
        refunds.unread(refund_id, f"{error.field}: {error.reason}")


@job()
def poll_refunds() -> None:
    """Follow up on every refund whose end is not known: hand it over again, or ask."""
    for refund in refunds.unsettled():
        enqueue(_FOLLOW_UP[refund.status], refund_id=refund.id)


_FOLLOW_UP = {PENDING: "payments.send_refund", PROCESSING: "payments.refresh_refund"}


@job()
def announce_due() -> None:
    """Announce what is debited by tomorrow."""
    for presentation in presentations.waiting(clock.today() + presentations.NOTICE):
        enqueue("payments.announce_presentation", presentation_id=presentation.id)


@job(lease_s=120)
def announce_presentation(presentation_id: str) -> None:
    """Announce one debit."""
    presentations.announce(presentation_id)


@job(lease_s=600)
def make_presentation_files(present_on: str) -> None:
    """The files of a day's debits, anew where they have changed."""
    presentation_files.make(date.fromisoformat(present_on))


@job()
def look_at_presentation_files() -> None:
    """Have the files of the next days made where debits were planned, announced or left out since."""
    for day in presentation_files.days_ahead():
        enqueue("payments.make_presentation_files", present_on=day.isoformat())


@job(atomic=False, attempts_max=5, lease_s=600)
def take_response(brand_id: str, response_id: str) -> None:
    """Take over what a bank says of debits, row by row."""
    responses.take(brand_id, response_id)


@job()
def present_due() -> None:
    """Debit what was announced for today."""
    for presentation in presentations.waiting(clock.today()):
        enqueue("payments.present", presentation_id=presentation.id)


@job(lease_s=120)
def present(presentation_id: str) -> None:
    """Debit one account."""
    presentations.present(presentation_id)


@job()
def present_again(loan_id: str) -> None:
    """The bank returned a debit for a reason that may pass."""
    presentations.present_again(loan_id)


@job()
def present_rest(loan_id: str) -> None:
    """Something was paid between the announcement of a debit and its day."""
    presentations.present_rest(loan_id)


@job()
def reconcile_yesterday() -> None:
    """Reconcile with each gateway what it settled yesterday."""
    reconciling.ask(clock.today() - timedelta(days=1))


@job(lease_s=300)
def reconcile(provider: str, day: str) -> None:
    """Reconcile a day with one gateway. A report that cannot be read is an exception of its day."""
    try:
        reconciling.reconcile(provider, date.fromisoformat(day))
    except ProviderMalformed as error:
        reconciling.unread(provider, date.fromisoformat(day), f"{error.field}: {error.reason}")
