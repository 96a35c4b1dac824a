"""What runs for reminders in the background."""

from uuid import UUID

from app.core.database import brand_scope, current_brand
from app.core.outbox import enqueue, job
from app.reminders import sending


@job()
def dispatch() -> None:
    """Every minute: have sent what is due."""
    if sending.are_due():
        enqueue("reminders.send_due", brand_id=current_brand())


@job("bulk", atomic=False, attempts_max=3, lease_s=600)
def send_due(brand_id: str) -> None:
    """Hand over everything that is due, some in each of these jobs. Two at once hand over each reminder once."""
    if sending.send_due(brand_id):
        with brand_scope(brand_id):
            enqueue("reminders.send_due", brand_id=brand_id)


@job()
def settle(message_ids: list[str]) -> None:
    """Bring back what became of messages."""
    sending.settle([UUID(message_id) for message_id in message_ids])
