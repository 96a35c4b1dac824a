"""What workers do for documents."""

from app.core.outbox import job
from app.files import remove


@job()
def remove_object(key: str) -> None:
    """Remove an object that no document refers to any more."""
    remove(key)
