"""The documents that we make of a loan: one table of kinds, and how each is made, kept in versions and shown."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.brands import service as brands
from app.core import audit, clock
from app.core.errors import Conflict
from app.customers import service as customers
from app.documents import contingent, facts, languages, service
from app.documents.layout import blocks
from app.documents.models import Document
from app.documents.render import letterhead, render
from app.kyc import service as kyc
from app.loans import costs
from app.loans.service import Loan
from app.staff.permissions import Permission
from storage.content import PDF

# What may change while the terms stay: the day, and how to reach whom. The check code is not over these, so that the
# same document, asked for tomorrow, is still the same.
_PASSING = frozenset(
    {"date", "valid_until", "sanction_until", "pay_by", "account", "contact", "address", "lender_address"}
    | {"officer", "officer_phone", "officer_email"}
)
_CODE_LETTERS = 16

BEFORE = ("APPROVED", "DISBURSAL_IN_PROCESS")
RUNNING = ("DISBURSED", "ACTIVE", "PARTIALLY_PAID", "OVERDUE")
LATE = ("OVERDUE", "PARTIALLY_PAID")
LOST = "WRITE_OFF"
REPAID = ("PAID", "DISBURSED_WAIVED", "COMPLETED")
Variables = Callable[[Loan, str, date], dict[str, str]]


@dataclass(frozen=True)
class Paper:
    """A kind of document. Its title and words are in `words/*.yaml`, its layout in `templates/paper.typ`.

    `code` stands in its number; `made` tells when it is made by itself; `states` are the loan's in which it can be
    made; staff make it under `by`; `variables` are those beyond what every document may say. `agreed`: it says what was
    agreed on, and is made with that only.
    """

    code: str
    made: str
    states: tuple[str, ...]
    by: Permission = Permission.DOCUMENTS_MAKE
    variables: Variables = lambda loan, language, on: {}
    agreed: bool = False


PAPERS: dict[str, Paper] = {
    "SANCTION_LETTER": Paper("SL", "when the loan is approved", BEFORE),
    "KFS": Paper("KFS", "when the loan is approved, and anew when its terms change", BEFORE),
    "LOAN_AGREEMENT": Paper("LA", "when it is sent to be signed", BEFORE),
    "REPAYMENT_SCHEDULE": Paper("RS", "when the loan is approved", BEFORE + RUNNING),
    "NOC": Paper("NOC", "when the loan closes", REPAID, variables=facts.closing_values),
    "NDC": Paper("NDC", "when the loan closes", REPAID, variables=facts.closing_values),
    "DEMAND_NOTICE": Paper(
        "DN", "never by itself", ("OVERDUE",), Permission.DEMAND_NOTICE_MAKE, facts.demand_values
    ),
    "LEGAL_NOTICE": Paper(
        "LN", "when a legal notice is issued", (*LATE, LOST), Permission.COLLECTIONS_LEAD, facts.legal_values
    ),
    "SETTLEMENT_LETTER": Paper(
        "ST", "when a settlement is agreed to", (*RUNNING, LOST), Permission.COLLECTIONS_LEAD, agreed=True
    ),
    "WRITE_OFF_LETTER": Paper("WO", "never by itself", ("WRITE_OFF",), variables=facts.lost_values),
}


def language_of(loan: Loan) -> str:
    """The customer's language, where the brand offers it."""
    preferred = customers.get(loan.customer_id).preferred_language
    return languages.chosen(preferred, brands.settings()["documents"]["languages"])


def make(
    loan: Loan,
    kind: str,
    language: str | None = None,
    *,
    anew: bool = False,
    agreed: facts.Settlement | None = None,
) -> Document:
    """The newest version of a document. One that says the same is not made twice unless `anew`.

    Raises Conflict where the loan is in no state for it.
    """
    loan, language = loan.locked(), language or language_of(loan)
    content = _content(loan, kind, language, agreed)
    newest = latest(loan, kind)
    says_it = newest and not newest.withdrawn_at and newest.check_code == content["check_code"]
    if says_it and not anew and newest.language == language:
        return newest
    version = newest.version + 1 if newest else 1
    content["number"] = number = f"{loan.loan_no}/{PAPERS[kind].code}/{version}"
    return service.store(
        loan.customer_id,
        kind,
        _pdf(content),
        PDF,
        loan_id=loan.id,
        status="VERIFIED",
        made=service.Made(version, language, number, content["check_code"]),
    )


def withdraw(loan: Loan, kinds: Iterable[str], reason: str) -> list[Document]:
    """What was made of these kinds counts no more."""
    standing = Document.loan_id == loan.id, Document.version.is_null(False), Document.withdrawn_at.is_null()
    found = list(Document.select().where(*standing, Document.kind.in_(list(kinds))))
    for document in found:
        document.change(withdrawn_at=clock.now())
        audit.record(
            "document.withdrawn", "document", document.id, subject_id=loan.customer_id, reason=reason
        )
    return found


def preview(loan: Loan, kind: str, language: str | None) -> bytes:
    """The PDF as it would be made now; nothing is kept. Raises Conflict as `make` does."""
    content = _content(loan, kind, language or language_of(loan))
    return _pdf(content | {"number": f"{loan.loan_no}/{PAPERS[kind].code}"})


def latest(loan: Loan, kind: str) -> Document | None:
    """The newest version of what was made."""
    mine = (Document.loan_id == loan.id, Document.kind == kind, Document.version.is_null(False))
    return Document.select().where(*mine).order_by(Document.version.desc()).first()


def says_the_same(document: Document, loan: Loan) -> bool:
    """Whether a document would be made with the same content today, in its language."""
    return document.check_code == _content(loan, document.kind, document.language)["check_code"]


def kinds_for(loan: Loan) -> list[dict[str, Any]]:
    """Every kind, whether it can be made now, and its newest version."""
    return [
        {
            "kind": kind,
            "title": languages.words(languages.DEFAULT)["kinds"][kind]["title"],
            "made": paper.made,
            "can_be_made": loan.status in paper.states and not paper.agreed,
            "permission": paper.by.value,
            "latest": latest(loan, kind),
        }
        for kind, paper in PAPERS.items()
    ]


def _content(loan: Loan, kind: str, language: str, agreed: facts.Settlement | None = None) -> dict[str, Any]:
    paper, on = PAPERS[kind], clock.today()
    if loan.status not in paper.states:
        raise Conflict(
            f"A loan that is {loan.status} has no {kind}: it must be {' or '.join(paper.states)}.",
            code="DOCUMENT_NOT_DUE",
        )
    if paper.agreed and agreed is None:
        raise Conflict(f"{kind} is made {paper.made}.", code="DOCUMENT_NOT_DUE")
    brand, customer = brands.describe(), customers.get(loan.customer_id)
    known = facts.values(loan, customer, _account(loan), brand, language, on)
    known |= contingent.values(loan, costs.of(loan), language)
    known |= paper.variables(loan, language, on)
    made = facts.quote_of(loan)
    tables = {"schedule": facts.schedule_rows(made, language), **facts.key_facts(made, known, language)}
    if agreed:
        known |= facts.settlement_values(agreed, language)
        tables["settlement"] = facts.settlement_rows(agreed, language)
    return compose(kind, language, brand, known, tables, on)


def compose(
    kind: str,
    language: str,
    brand: dict[str, Any],
    known: dict[str, str],
    tables: dict[str, facts.Rows],
    on: date,
) -> dict[str, Any]:
    """The data of the template, all but the document's number."""
    said = languages.words(language)
    clauses = brand["settings"]["documents"]["clauses"] if kind == "LOAN_AGREEMENT" else ()
    return letterhead(brand, on) | {
        "brand_id": brand["id"],
        "title": said["kinds"][kind]["title"],
        "date": languages.long_date(on, language),
        "language": language,
        "words": said["frame"],
        "blocks": blocks(kind, language, known, tables, clauses),
        "check_code": _check_code(kind, language, known, clauses),
    }


def _check_code(kind: str, language: str, known: dict[str, str], clauses: Any) -> str:
    """In groups of four letters, over the terms that the document says."""
    lasting = {name: text for name, text in known.items() if name not in _PASSING}
    told = json.dumps([kind, language, lasting, list(clauses)], sort_keys=True, ensure_ascii=False)
    code = hashlib.sha256(told.encode()).hexdigest()[:_CODE_LETTERS].upper()
    return "-".join(code[start : start + 4] for start in range(0, _CODE_LETTERS, 4))


def _pdf(content: dict[str, Any]) -> bytes:
    return render("paper", content, brand_id=content["brand_id"])


def _account(loan: Loan) -> str | None:
    account = kyc.verified_account(loan.customer_id)
    return f"XXXX{account.account_number[-4:]}, {account.ifsc}" if account else None
