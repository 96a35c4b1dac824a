"""Skip tracing: where somebody who cannot be reached may be found."""

from uuid import UUID

from peewee import ModelSelect

from app.collections.models import SkipTrace
from app.core import audit, identity
from app.core.errors import Conflict
from app.loans import service as loans

UNVERIFIED, RIGHT, WRONG = "UNVERIFIED", "RIGHT", "WRONG"


def add(loan_id: UUID | str, kind: str, value: str, source: str, remark: str | None = None) -> SkipTrace:
    """Write down a phone, an address or an employer that was found, and where."""
    loan = loans.get(loan_id)
    trace = SkipTrace.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        kind=kind,
        value=value,
        source=source,
        remark=remark,
        found_by=identity.actor().id,
    )
    audit.record("collection.traced", "loan", loan.id, after={"kind": kind, "source": source})
    return trace


def verify(trace_id: UUID | str, *, right: bool) -> SkipTrace:
    """Say whether the customer is found there. Raises Conflict where somebody said so already."""
    trace = SkipTrace.find(trace_id).locked()
    if trace.status != UNVERIFIED:
        raise Conflict("This was verified already.", code="ALREADY_VERIFIED")
    trace.change(status=RIGHT if right else WRONG, verified_by=identity.actor().id)
    audit.record("collection.trace_verified", "skip_trace", trace.id, after={"status": trace.status})
    return trace


def of_loan(loan_id: UUID | str) -> ModelSelect:
    """All that was found for a loan, newest first."""
    mine = SkipTrace.loan_id == loans.get(loan_id).id
    return SkipTrace.select().where(mine).order_by(SkipTrace.id.desc())
