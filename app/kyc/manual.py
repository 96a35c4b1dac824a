"""What staff read and compare themselves: an identity from documents, a face with the photo on one."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.core import audit, identity
from app.core.errors import Conflict, Invalid, NotFound
from app.customers import service as customers
from app.documents import review
from app.documents import service as documents
from app.kyc import attempts, routes
from app.kyc.attempts import AADHAAR, FACE_MATCH, REJECTED, STAFF, VERIFIED
from app.kyc.identity import Person, prove
from app.kyc.models import KycCheck
from app.kyc.states import DOCUMENT
from app.staff import service as staff

ROUTE = "DOCUMENTS"
SALARY_SLIP = "SALARY_SLIP"
# on these stands a number of which only the last four digits may be seen
NUMBERED = ("AADHAAR", "AADHAAR_FRONT", "AADHAAR_BACK")
# the photos that a selfie can be compared with
PORTRAITS = ("AADHAAR", "AADHAAR_FRONT", "PAN_CARD")


def review_document(
    customer_id: UUID | str,
    document_id: UUID | str,
    status: str,
    remark: str | None,
    is_masked: bool | None = None,
    net_salary: Decimal | None = None,
    salary_month: date | None = None,
) -> documents.Document:
    """Staff found a document good or not. An Aadhaar is good only if the first eight digits cannot be read; one where
    they can is rejected and erased.

    Raises NotFound if it is not this customer's, Conflict if a colleague is reading it, Invalid.
    """
    document = documents.get(document_id)
    if str(document.customer_id) != str(customer_id):
        raise NotFound("document")
    review.refuse_others(document)
    if document.kind in NUMBERED and status == VERIFIED and not is_masked:
        raise Invalid(
            "Say that its first eight digits cannot be read, or reject it.",
            field="is_masked",
            code="NOT_MASKED",
        )
    if net_salary is not None and document.kind != SALARY_SLIP:
        raise Invalid("Only a salary slip has one.", field="net_salary", code="NO_SALARY_SLIP")
    reviewed = DOCUMENT.move(document, status, remark=remark)
    read = {"net_salary": net_salary, "salary_month": salary_month.replace(day=1) if salary_month else None}
    reviewed.change(remark=remark, claimed_by=None, claimed_at=None, **(read if net_salary else {}))
    if document.kind in NUMBERED and is_masked is False:
        documents.erase(reviewed)
    return reviewed


def record_identity(
    customer_id: UUID | str,
    *,
    name: str,
    date_of_birth: date,
    gender: str,
    aadhaar_last4: str,
    address: dict[str, str],
    remark: str | None,
) -> KycCheck:
    """The identity as staff read it from documents that were found good; who read it is in the audit trail.

    Raises Conflict if the brand does not offer this route, the identity is proven already, or papers are missing.
    """
    customer = customers.get(customer_id).locked()
    routes.require(ROUTE)
    if attempts.verified(customer.id, AADHAAR):
        raise Conflict("The identity is proven already.", code="AADHAAR_VERIFIED")
    papers = {d.kind: str(d.id) for d in documents.of_customer(customer.id) if d.status == VERIFIED}
    absent = [paper for paper in routes.PAPERS if paper not in papers]
    if absent:
        raise Conflict(f"Not found good yet: {', '.join(absent)}.", code="PAPERS_MISSING", missing=absent)
    check = attempts.begin(customer.id, AADHAAR, provider=STAFF)
    person = Person(name, date_of_birth, date_of_birth.year, gender, aadhaar_last4, address)
    prove(check, person, ROUTE, documents=[papers[paper] for paper in routes.PAPERS])
    _tell("kyc.identity_read", check, {"documents": list(routes.PAPERS)}, remark)
    return check


def match_face(customer_id: UUID | str, matches: bool, remark: str | None) -> KycCheck:
    """Staff compared the selfie with the photo on a document. A selfie of somebody else is asked for again.

    Raises Conflict while there is no selfie or no photo to compare it with.
    """
    customer = customers.get(customer_id).locked()
    held = [d for d in documents.of_customer(customer.id) if d.status != REJECTED]
    selfies = [d for d in held if d.kind == "SELFIE"]
    if not selfies or not any(d.kind in PORTRAITS for d in held):
        raise Conflict("A selfie and a document with a photo are needed.", code="PAPERS_MISSING")
    check = attempts.begin(customer.id, FACE_MATCH, provider=STAFF)
    if matches:
        attempts.verify(check, {"selfie": str(selfies[-1].id)})
    else:
        attempts.reject(check, remark or "Not the same person.")
        _reject_all(selfies, remark)
    _tell("kyc.face_compared", check, {"matches": matches}, remark)
    return check


def _reject_all(selfies: Iterable[documents.Document], remark: str | None) -> None:
    for selfie in selfies:
        DOCUMENT.move(selfie, REJECTED, remark=remark).change(remark=remark)


def _tell(action: str, check: KycCheck, after: dict[str, Any], remark: str | None) -> None:
    who = UUID(identity.actor().id)
    maker = staff.names({who}).get(who)
    audit.record(
        action,
        "kyc_check",
        check.id,
        subject_id=check.customer_id,
        after=after | {"maker": maker},
        reason=remark,
    )
