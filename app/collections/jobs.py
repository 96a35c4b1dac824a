"""What runs for collections in the background."""

from app.collections import service, settling
from app.core import clock
from app.core.outbox import job


@job(lease_s=600)
def conclude_settlements() -> None:
    """Settlements that were paid are done; those whose time has passed lapse."""
    service.conclude_settlements(clock.today())


@job()
def undo_settlement(loan_id: str) -> None:
    """A payment of a settled loan was taken back."""
    settling.undo(loan_id)


@job(lease_s=600)
def remind_promises() -> None:
    """Who promised to pay today is reminded."""
    service.remind_promises(clock.today())
