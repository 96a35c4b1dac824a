"""The whole file of a loan or of a customer in one call: the sections of a table, each paged by a call of its own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from peewee import ModelSelect

from app.core import audit, identity
from app.core.database import db
from app.core.errors import Forbidden, NotFound
from app.core.http import camel
from app.customers import service as customers
from app.dashboards.sections import CUSTOMER_FILE, LOAN_FILE, Section, Subject
from app.loans import service as loans
from app.staff.permissions import GRANTS

log = structlog.get_logger()
SHOWN, EMPTY, WITHHELD, FAILED = "SHOWN", "EMPTY", "WITHHELD", "FAILED"
STATUSES = (SHOWN, EMPTY, WITHHELD, FAILED)


def of_loan(loan_id: UUID) -> dict[str, Any]:
    """The loan, who works on it, and every section of LOAN_FILE. Audited."""
    loan = loans.file(loan_id)
    subject = Subject(loan.customer_id, loan)
    audit.viewed("loan_file", loan.id, loan.customer_id)
    return {"loan": loan, "sections": _parts(LOAN_FILE, subject)}


def of_customer(customer_id: UUID) -> dict[str, Any]:
    """Every section of CUSTOMER_FILE. Audited."""
    subject = Subject(customers.get(customer_id).id)
    audit.viewed("customer_file", subject.customer_id, subject.customer_id)
    return {"customer_id": subject.customer_id, "sections": _parts(CUSTOMER_FILE, subject)}


def page_of_loan(loan_id: UUID, name: str, page: int, page_size: int) -> dict[str, Any]:
    """One page of a section of a loan's file. Raises NotFound, Forbidden for a section that is withheld. Audited."""
    section, loan = _find(LOAN_FILE, name), loans.get(loan_id)
    audit.viewed("loan_file", loan.id, loan.customer_id)
    return _page(section, Subject(loan.customer_id, loan), page, page_size)


def page_of_customer(customer_id: UUID, name: str, page: int, page_size: int) -> dict[str, Any]:
    """One page of a section of a customer's file. Raises as `page_of_loan` does. Audited."""
    section, customer = _find(CUSTOMER_FILE, name), customers.get(customer_id)
    audit.viewed("customer_file", customer.id, customer.id)
    return _page(section, Subject(customer.id), page, page_size)


def _find(table: Sequence[Section], name: str) -> Section:
    section = next((section for section in table if camel(section.name) == name), None)
    if section is None:
        raise NotFound("section")
    if not _may_see(section):
        raise Forbidden(f"Your roles do not include {section.permission.value}.")
    return section


def _may_see(section: Section) -> bool:
    return not identity.actor().roles.isdisjoint(GRANTS[section.permission])


def _parts(table: Sequence[Section], subject: Subject) -> dict[str, dict[str, Any]]:
    return {section.name: _envelope(section, subject) | _part(section, subject) for section in table}


def _envelope(section: Section, subject: Subject) -> dict[str, Any]:
    return {
        "service": section.service,
        "permission": section.permission.value,
        "call": f"{subject.path}/{camel(section.name)}",
    }


def _part(section: Section, subject: Subject) -> dict[str, Any]:
    if not _may_see(section):
        return {"status": WITHHELD, "reason": f"Your roles do not include {section.permission.value}."}
    try:
        # a savepoint: what fails in here leaves the transaction usable for the sections after it
        with db.atomic():
            items, total = _read(section, subject, 1, section.newest)
    except NotFound as nothing:
        return {"status": EMPTY, "reason": nothing.message}
    except Exception as error:  # one domain that fails does not take the file of the others along
        log.error("section of a file failed", section=section.name, exc_info=error)
        return {"status": FAILED, "reason": f"The {section.service} service failed. The rest is complete."}
    if section.single:
        return {"status": SHOWN, "record": items[0]}
    return {"status": SHOWN if total else EMPTY, "total": total, "rows": items}


def _page(section: Section, subject: Subject, page: int, page_size: int) -> dict[str, Any]:
    items, total = _read(section, subject, page, page_size)
    pagination = {"page": page, "page_size": page_size, "total": total, "pages": -(-total // page_size)}
    return {"items": items, "pagination": pagination}


def _read(section: Section, subject: Subject, page: int, page_size: int) -> tuple[list[dict[str, Any]], int]:
    """The records of one page as they go over the wire, and how many there are in all."""
    found = section.read(subject)
    rows = [found] if section.single else found
    if isinstance(rows, ModelSelect):
        total, chosen = rows.count(), list(rows.paginate(page, page_size))
    else:
        total, chosen = len(rows), rows[(page - 1) * page_size : page * page_size]
    return section.schema().dump(section.complete(chosen), many=True), total
