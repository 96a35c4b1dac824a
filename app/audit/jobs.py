"""What the timetable does for the audit trail."""

import structlog

from app.audit import chain
from app.core import audit
from app.core.database import brand_scope, current_brand
from app.core.ids import new_id
from app.core.outbox import enqueue, job

log = structlog.get_logger()


@job(attempts_max=3)
def anchor() -> None:
    """Put the newest seal into storage."""
    chain.anchor()


@job(attempts_max=3)
def verify() -> None:
    """Have the trail looked at, outside of this transaction."""
    enqueue("audit.verify_brand", brand_id=current_brand())


@job(atomic=False, attempts_max=3, lease_s=1_800)
def verify_brand(brand_id: str) -> None:
    """Look at the whole trail. What is wrong goes to the log as an error, and into the trail itself."""
    verdict = chain.verify(brand_id)
    if verdict.fault:
        log.error("audit trail is broken", brand=brand_id, fault=str(verdict.fault))
    with brand_scope(brand_id):
        after = {"events": verdict.events, "fault": verdict.fault.kind if verdict.fault else None}
        action = "audit.broken" if verdict.fault else "audit.verified"
        audit.record(action, "audit_trail", new_id(), after=after, reason=str(verdict.fault or "") or None)
