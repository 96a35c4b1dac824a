"""What runs for campaigns in the background."""

from uuid import UUID

from app.campaigns import service
from app.core.identity import Actor, Role
from app.core.outbox import job


@job(lease_s=300)
def gather(campaign_id: str, starter_id: str, roles: list[str]) -> None:
    """Write down whom a campaign reaches, as whoever started it sees the list."""
    service.gather(UUID(campaign_id), Actor(starter_id, frozenset(map(Role, roles))))


@job(attempts_max=1, lease_s=300)
def feed() -> None:
    """Every minute: release so many of each campaign that runs."""
    service.feed()


@job(atomic=False, lease_s=300)
def cancel_rest(brand_id: str, campaign_id: str) -> None:
    """Cancel what a stopped campaign has released and has not left."""
    service.cancel_rest(brand_id, UUID(campaign_id))
