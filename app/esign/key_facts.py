"""The Key Facts Statement: offered when a loan is approved, accepted before anything is signed or paid out."""

from typing import Any
from uuid import UUID

from app.core import audit
from app.core.audit import where_from
from app.core.errors import Conflict, NotFound
from app.core.outbox import enqueue
from app.documents import papers
from app.documents.service import Document
from app.esign.models import KfsAcceptance
from app.loans import service as loans
from app.loans.service import Loan
from app.messaging import service as messaging

_WITH_IT = ("SANCTION_LETTER", "REPAYMENT_SCHEDULE")


def offer(loan: Loan) -> Document:
    """Make what the customer must read before signing, and tell them; nothing twice while the terms are the same."""
    before = papers.latest(loan, "KFS")
    kfs = papers.make(loan, "KFS")
    if before is None or kfs.id != before.id:
        others = [papers.make(loan, kind) for kind in _WITH_IT]
        attached = [kfs.id, *(document.id for document in others)]
        messaging.notify(
            loan.customer_id, "key_facts", loan_id=loan.id, documents=attached, loan_no=loan.loan_no
        )
    return kfs


def accept(loan: Loan, version: int) -> dict[str, Any]:
    """The customer takes the key facts as they are now; the agreement follows. Repeating it changes nothing.

    Raises NotFound before they were offered, Conflict where the version is not the one that holds.
    """
    loan = loan.locked()
    kfs = papers.latest(loan, "KFS")
    if kfs is None:
        raise NotFound("Key Facts Statement")
    if version != kfs.version:
        raise Conflict(
            f"Version {kfs.version} is the one that holds.", code="KFS_SUPERSEDED", version=kfs.version
        )
    if _acceptance(kfs) is None:
        _refuse_changed(loan, kfs)
        _record(loan, kfs)
        enqueue("esign.send_agreement", loan_id=loan.id)
    return describe(loan)


def _refuse_changed(loan: Loan, kfs: Document) -> None:
    if loan.status != "APPROVED":
        raise Conflict(f"The loan is {loan.status}.", code="KFS_NOT_DUE")
    if not papers.says_the_same(kfs, loan):
        raise Conflict("The terms have changed: new key facts follow.", code="KFS_SUPERSEDED")


def _record(loan: Loan, kfs: Document) -> None:
    told = {"version": kfs.version, "check_code": kfs.check_code}
    where = where_from()
    acceptance = KfsAcceptance.create(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        document_id=kfs.id,
        ip=where.get("ip"),
        user_agent=where.get("user_agent"),
        **told,
    )
    audit.record("kfs.accepted", "kfs_acceptance", acceptance.id, subject_id=loan.customer_id, after=told)


def accepted(loan: Loan) -> KfsAcceptance | None:
    """The acceptance of the newest Key Facts Statement, if there is one and the terms are still those."""
    kfs = papers.latest(loan, "KFS")
    acceptance = _acceptance(kfs) if kfs else None
    return acceptance if acceptance and papers.says_the_same(kfs, loan) else None


def is_accepted(loan_id: UUID | str) -> bool:
    """Whether the customer accepted the key facts that hold, for the checklist before a disbursal."""
    loan = loans.get(loan_id)
    return loan.status in papers.PAPERS["KFS"].states and accepted(loan) is not None


def _acceptance(kfs: Document) -> KfsAcceptance | None:
    return KfsAcceptance.get_or_none(KfsAcceptance.document_id == kfs.id)


def describe(loan: Loan) -> dict[str, Any]:
    """The newest Key Facts Statement, and when it was accepted. Raises NotFound before it was offered."""
    kfs = papers.latest(loan, "KFS")
    if kfs is None:
        raise NotFound("Key Facts Statement")
    acceptance = _acceptance(kfs)
    return {
        "document_id": kfs.id,
        "version": kfs.version,
        "language": kfs.language,
        "number": kfs.number,
        "check_code": kfs.check_code,
        "accepted_at": acceptance.created_at if acceptance else None,
    }
