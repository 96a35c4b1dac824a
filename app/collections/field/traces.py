"""Skip tracing: where somebody who cannot be reached may be found."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.collections.collected import RECOVERED_IN, refuse_others
from app.collections.models import SkipTrace
from app.core import audit, clock, identity
from app.core.errors import Conflict
from app.customers import reveal as revealing
from app.loans import service as loans

UNVERIFIED, RIGHT, WRONG = "UNVERIFIED", "RIGHT", "WRONG"


def add(loan_id: UUID | str, kind: str, value: str, source: str, remark: str | None = None) -> SkipTrace:
    """Write down a phone, an address or an employer that was found, and where. Raises Conflict where nothing is
    collected any more."""
    loan = loans.get(loan_id)
    refuse_others(loan, RECOVERED_IN)
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
    trace.change(status=RIGHT if right else WRONG, verified_by=identity.actor().id, verified_at=clock.now())
    audit.record("collection.trace_verified", "skip_trace", trace.id, after={"status": trace.status})
    return trace


def reveal(trace_id: UUID | str, reason: str) -> SkipTrace:
    """What was found, in full: audited, and so many an hour. Raises NotFound, TooManyRevealed, and Conflict where
    nothing is collected any more: there is no reason left to look."""
    trace = SkipTrace.find(trace_id)
    refuse_others(loans.get(trace.loan_id), RECOVERED_IN)
    revealing.note(trace.customer_id, [f"skipTrace:{trace.id}"], reason)
    return trace


def of_loan(loan_id: UUID | str, args: Mapping[str, Any]) -> ModelSelect:
    """What was found for a loan, by kind and whether it was right."""
    return SkipTrace.asked(loan_id=loans.get(loan_id).id, kind=args["kind"], status=args["status"])
