"""What workers do for privacy."""

from uuid import UUID

from app.core.database import current_brand
from app.core.outbox import enqueue, job
from app.privacy import breaches, retaining, service


@job(attempts_max=5, lease_s=300)
def answer_access(request_id: str) -> None:
    """Make the file with all that we hold of a customer."""
    service.answer_access(request_id)


@job(attempts_max=5, lease_s=300)
def answer_erasure(request_id: str) -> None:
    """Erase a customer as far as the law lets us."""
    service.answer_erasure(request_id)


@job(attempts_max=5, lease_s=300)
def erase(customer_id: str) -> None:
    """Erase a customer who asked for it."""
    service.erase(customer_id)


@job(attempts_max=5, lease_s=300)
def affect_everybody(breach_id: str) -> None:
    """A breach affects every customer of the brand: note some, and go on with the rest."""
    if breaches.affect_more(UUID(breach_id)):
        enqueue("privacy.affect_everybody", breach_id=breach_id)


@job(attempts_max=5, lease_s=300)
def tell_affected(breach_id: str) -> None:
    """Tell some of those whom a breach affects, and go on with the rest."""
    if breaches.tell_more(UUID(breach_id)):
        enqueue("privacy.tell_affected", breach_id=breach_id)


@job()
def retain() -> None:
    """Nightly: have everything ended whose time has passed, outside of this transaction."""
    enqueue("privacy.retain_brand", brand_id=current_brand())


@job(atomic=False, attempts_max=5, lease_s=3_600)
def retain_brand(brand_id: str) -> None:
    """Go through the retention table for one brand."""
    retaining.run(brand_id)
