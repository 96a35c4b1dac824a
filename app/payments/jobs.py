"""What runs for payments in the background."""

from app.core import webhooks
from app.core.outbox import job
from app.payments import service
from app.providers import razorpay


@job()
def process_event(event_id: str) -> None:
    """The provider said that something happened. Money that nobody asked for stays in the inbox."""
    event = webhooks.take(event_id)
    if event is not None:
        service.hear(razorpay.parse_event(event.body.encode()))
        webhooks.processed(event)
