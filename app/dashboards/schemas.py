"""The portal's overviews over the wire. What the tables declare is made here from the tables."""

from collections.abc import Sequence
from typing import Any

import marshmallow as ma

from app.core.http import Pagination, Schema
from app.dashboards.files import CUSTOMER_FILE, LOAN_FILE, STATUSES, Section
from app.loans.schemas import LoanFileOut


class _Dumped(ma.fields.Nested):
    """Documented as its schema; the value went through it where it was read."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class SectionOut(Schema):
    """`call` pages through all of it. WITHHELD from the reader's roles, or FAILED: `reason` says why."""

    status = ma.fields.String(metadata={"enum": list(STATUSES)})
    reason = ma.fields.String()
    service = ma.fields.String(metadata={"description": "the domain that gives it"})
    permission = ma.fields.String()
    call = ma.fields.String()


def _envelope(file: str, section: Section) -> ma.fields.Nested:
    content: dict[str, ma.fields.Field] = {"record": _Dumped(section.schema)}
    if not section.single:
        # a dict without the key has a method of this name
        rows = _Dumped(section.schema, many=True, attribute="rows")
        content = {"total": ma.fields.Integer(), "items": rows}
    name = "".join(part.capitalize() for part in f"{file}_{section.name}".split("_"))
    schema = type(f"{name}Section", (SectionOut,), content)
    return ma.fields.Nested(schema, metadata={"description": section.meaning})


def _sections(file: str, table: Sequence[Section]) -> ma.fields.Nested:
    fields = {section.name: _envelope(file, section) for section in table}
    return ma.fields.Nested(type(f"{file.capitalize()}FileSections", (Schema,), fields))


class WholeLoanOut(Schema):
    """A loan, who works on it, and all that the domains know of it: the newest records with their number."""

    loan = ma.fields.Nested(LoanFileOut)
    sections = _sections("loan", LOAN_FILE)


class WholeCustomerOut(Schema):
    customer_id = ma.fields.UUID()
    sections = _sections("customer", CUSTOMER_FILE)


class SectionPageOut(Schema):
    """Records of the section's own shape, newest first."""

    items = ma.fields.List(ma.fields.Dict())
    pagination = ma.fields.Nested(Pagination)


class SectionPageArgs(Schema):
    page = ma.fields.Integer(load_default=1, validate=ma.validate.Range(min=1, max=100_000))
    page_size = ma.fields.Integer(load_default=20, validate=ma.validate.Range(min=1, max=100))
