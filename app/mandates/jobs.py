"""What runs for mandates in the background."""

from app.core.outbox import enqueue, job
from app.mandates import service


@job()
def poll_pending() -> None:
    """Ask about every mandate that is not settled, in case its webhook stayed away."""
    for mandate in service.pending():
        enqueue("mandates.refresh", mandate_id=mandate.id)


@job(lease_s=120, attempts_max=3)
def refresh(mandate_id: str) -> None:
    """Ask about one mandate."""
    service.refresh(mandate_id)


@job(lease_s=120)
def end_for_loan(loan_id: str) -> None:
    """The loan is closed: its mandate goes."""
    service.end_for_loan(loan_id)
