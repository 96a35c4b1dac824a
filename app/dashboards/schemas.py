"""The portal's overviews over the wire. What the tables declare is made here from the tables."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import marshmallow as ma

from app.core.http import Money, PageArgs, Pagination, Schema
from app.core.personal import MaskedPhone
from app.dashboards.files import CUSTOMER_FILE, LOAN_FILE, STATUSES, Section
from app.dashboards.stages import STAGES, Scope
from app.loans.schemas import ExecutiveOut, LoanFileOut
from app.loans.states import LOAN


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


_day = ma.validate.Range(min=date(2000, 1, 1), max=date(2100, 1, 1))
_days = ma.validate.Range(min=0, max=3650)
_text = ma.validate.Length(min=1, max=100)


def _optional(kind: type[ma.fields.Field], meaning: str, **options: Any) -> ma.fields.Field:
    return kind(load_default=None, allow_none=True, metadata={"description": meaning}, **options)


class ScopeArgs(Schema):
    scope = _optional(
        ma.fields.Enum,
        "whose loans: ALL, or MINE where executives see theirs alone",
        enum=Scope,
        by_value=True,
    )


class StageFilters(ScopeArgs):
    """Which of a stage; each stage says which of these it takes. Days are those of India, both included."""

    search = _optional(
        ma.fields.String, "part of a name; or a loan or customer number, phone, PAN, e-mail", validate=_text
    )
    city = _optional(ma.fields.String, "where the customer lives", validate=_text)
    source = _optional(ma.fields.String, "utm source that brought the customer", validate=_text)
    status = _optional(ma.fields.String, "one of the stage's", validate=_text)
    executive_id = _optional(ma.fields.UUID, "who works on the loan")
    amount_min = _optional(Money, "sanctioned or, before that, applied for")
    amount_max = _optional(Money, "likewise")
    tenure_min = _optional(ma.fields.Integer, "days", validate=_days)
    tenure_max = _optional(ma.fields.Integer, "days", validate=_days)
    from_date = _optional(ma.fields.Date, "applied, or in ONBOARDING registered", validate=_day)
    to_date = _optional(ma.fields.Date, "likewise", validate=_day)
    due_from = _optional(ma.fields.Date, "due date", validate=_day)
    due_to = _optional(ma.fields.Date, "due date", validate=_day)
    age_min_days = _optional(ma.fields.Integer, "business days since the last step", validate=_days)
    age_max_days = _optional(ma.fields.Integer, "likewise", validate=_days)


class StageArgs(StageFilters, PageArgs):
    pass


class StageColumnOut(Schema):
    name = ma.fields.String()
    title = ma.fields.String()
    kind = ma.fields.String()


class StageOut(Schema):
    """A list that the reader's roles see: what is in it, how it is shown first, what it can be narrowed by."""

    name = ma.fields.String(metadata={"enum": list(STAGES)})
    title = ma.fields.String()
    meaning = ma.fields.String()
    count = ma.fields.Integer()
    statuses = ma.fields.List(ma.fields.String(metadata={"enum": LOAN.states}))
    columns = ma.fields.List(ma.fields.Nested(StageColumnOut))
    sort = ma.fields.String()
    sorts = ma.fields.List(ma.fields.String())
    filters = ma.fields.List(ma.fields.String())


class StageRowOut(Schema):
    """A loan and its customer; in ONBOARDING the customer alone. `amount` is sanctioned or, until then, applied for."""

    loan_id = ma.fields.UUID(allow_none=True)
    loan_no = ma.fields.String(allow_none=True)
    customer_id = ma.fields.UUID()
    customer_no = ma.fields.String()
    customer_name = ma.fields.String(allow_none=True)
    phone = MaskedPhone()
    city = ma.fields.String(allow_none=True)
    source = ma.fields.String(allow_none=True)
    status = ma.fields.String(allow_none=True)
    agreement_status = ma.fields.String(allow_none=True)
    amount = Money(allow_none=True)
    tenure_days = ma.fields.Integer(allow_none=True)
    outstanding_amount = Money(allow_none=True)
    due_date = ma.fields.Date(allow_none=True)
    days_past_due = ma.fields.Integer(allow_none=True)
    disbursed_at = ma.fields.AwareDateTime(allow_none=True)
    closed_at = ma.fields.AwareDateTime(allow_none=True)
    stage_since = ma.fields.AwareDateTime(metadata={"description": "when it came to its status"})
    age_days = ma.fields.Integer()
    executives = ma.fields.List(ma.fields.Nested(ExecutiveOut))
    created_at = ma.fields.AwareDateTime()
