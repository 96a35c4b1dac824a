"""What runs for payments in the background."""

from app.core import webhooks
from app.core.outbox import job
from app.mandates import service as mandates
from app.payments import service
from app.providers import money
from app.providers.hearing import money_event


@job(lease_s=120)
def process_event(event_id: str) -> None:
    """The provider said that something happened. Money that nobody asked for stays in the inbox."""
    event = webhooks.take(event_id)
    if event is None:
        return
    match money_event(event.provider, event.body.encode()):
        case money.MandateEvent() | money.MandateRequestEvent() as told:
            mandates.hear(told, event.provider)
        case money.PaymentEvent(payment=payment) if mandates.is_registration(payment, event.provider):
            pass  # the event of the mandate tells what it is about
        case told:
            service.hear(told, event.provider)
    webhooks.processed(event)
