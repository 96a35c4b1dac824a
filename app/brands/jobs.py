"""What happens to a brand by itself."""

from app.brands import history
from app.core.outbox import job


@job()
def bring_into_force(version_id: str) -> None:
    """The instant of a version of the settings has come."""
    history.bring_into_force(version_id)
