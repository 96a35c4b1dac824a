"""What runs for the ledger in the background."""

from datetime import timedelta

from app.core import clock
from app.core.outbox import job
from app.ledger import service

# More than the time between two runs: a run that is missed is made good by the next one.
LOOKS_BACK = timedelta(days=3)


@job(lease_s=900, attempts_max=2)
def check_books() -> None:
    """Prove what was booked lately. A difference ends in the job's error, where operations see it."""
    service.check_since(clock.now() - LOOKS_BACK)
