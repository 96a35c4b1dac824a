"""Where a datum came from: which record of which domain said it, and when."""

from datetime import datetime

from app.core.database import TenantModel

Origin = dict[str, str]


def origin(source: str, record: TenantModel, observed_at: datetime | None = None) -> Origin:
    """The origin of what `record` says: `source` names its kind ("bureau_report:cibil"), for people and programs."""
    at = observed_at or record.created_at
    return {"source": source, "id": str(record.id), "observed_at": at.isoformat()}
