"""What happens by itself when a day has come. A repeat finds nothing left to do."""

from app.core.outbox import job
from app.sanction import offers, service


@job()
def expire() -> None:
    """End sanctions and offers that nobody used in time, and holds whose day has come."""
    service.expire_sanctions()
    offers.expire()
    service.end_holds()
