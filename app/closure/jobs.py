"""What runs when a loan is paid in full."""

from app.closure import service
from app.core.outbox import job


@job()
def close_loan(loan_id: str) -> None:
    """Close it, if the ledger agrees."""
    service.close(loan_id)
