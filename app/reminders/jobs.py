"""What runs for reminders in the background."""

from app.core.database import brand_scope, current_brand
from app.core.outbox import enqueue, job
from app.reminders import sending

LOOK_AGAIN_S = 2


@job()
def dispatch() -> None:
    """Every minute: have sent what is due, and brought back what became of it."""
    if sending.are_due():
        enqueue("reminders.send_due", brand_id=current_brand())
    if sending.are_on_their_way():
        enqueue("reminders.settle", brand_id=current_brand())


@job(atomic=False, attempts_max=3, lease_s=600)
def send_due(brand_id: str) -> None:
    """Hand over everything that is due. Two of these at once hand over each reminder once."""
    sending.send_due(brand_id)
    with brand_scope(brand_id):
        enqueue("reminders.settle", delay_s=LOOK_AGAIN_S, brand_id=brand_id)


@job(atomic=False, attempts_max=3, lease_s=600)
def settle(brand_id: str) -> None:
    """Bring back what became of messages, soon again while more and more of them are over."""
    over, open_ = sending.settle_all(brand_id)
    if over and open_:
        with brand_scope(brand_id):
            enqueue("reminders.settle", delay_s=LOOK_AGAIN_S, brand_id=brand_id)
