"""What runs for payments in the background."""

from app.core import webhooks
from app.core.outbox import job
from app.payments import service
from app.providers.hearing import money_event


@job(lease_s=120)
def process_event(event_id: str) -> None:
    """The provider said that something happened. Money that nobody asked for stays in the inbox."""
    event = webhooks.take(event_id)
    if event is not None:
        service.hear(money_event(event.provider, event.body.encode()), event.provider)
        webhooks.processed(event)
