"""The portal's overviews over the wire. What the tables declare is made here from the tables."""

from collections.abc import Sequence
from typing import Any

import marshmallow as ma

from app.core.http import Money, PageArgs, Pagination, Schema
from app.core.personal import MaskedPhone
from app.dashboards.files import STATUSES
from app.dashboards.filters import StageFilters
from app.dashboards.sections import CUSTOMER_FILE, LOAN_FILE, Section
from app.dashboards.stages import STAGES
from app.dashboards.tiles import TILES
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


_name = ma.validate.Length(min=1, max=60)


class SavedViewIn(Schema):
    """`filters` as `GET .../stages/<stage>/loans` takes them; no `sort` or `columns` leaves them to the stage."""

    name = ma.fields.String(required=True, validate=_name)
    stage = ma.fields.String(required=True, validate=ma.validate.OneOf(STAGES))
    filters = ma.fields.Nested(StageFilters, load_default=dict)
    sort = ma.fields.String(load_default=None, allow_none=True, validate=_name)
    columns = ma.fields.List(
        ma.fields.String(validate=_name), load_default=list, validate=ma.validate.Length(max=30)
    )
    is_shared = ma.fields.Boolean(load_default=False)

    @ma.post_load
    def _as_sent(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """The filters are kept as they come over the wire, those that are given."""
        if "filters" in data:
            sent = StageFilters().dump(data["filters"])
            data["filters"] = {name: value for name, value in sent.items() if value is not None}
        return data


class SavedViewChange(SavedViewIn):
    class Meta:
        exclude = ("stage",)


class SavedViewOut(Schema):
    """`problem` says why a view does not fit its stage any more."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    stage = ma.fields.String()
    filters = ma.fields.Dict()
    sort = ma.fields.String(allow_none=True)
    columns = ma.fields.List(ma.fields.String())
    is_shared = ma.fields.Boolean()
    is_mine = ma.fields.Boolean()
    is_default = ma.fields.Boolean(metadata={"description": "the reader starts the stage with it"})
    problem = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class ViewArgs(PageArgs):
    stage = ma.fields.String(load_default=None, validate=ma.validate.OneOf(STAGES))


class FigureOut(Schema):
    """`amount` is there where the tile is about money."""

    label = ma.fields.String()
    count = ma.fields.Integer()
    amount = Money()


class TileOut(Schema):
    name = ma.fields.String(metadata={"enum": [tile.name for tile in TILES]})
    title = ma.fields.String()
    meaning = ma.fields.String()
    figures = ma.fields.List(ma.fields.Nested(FigureOut))
    percent = ma.fields.Decimal(
        as_string=True, allow_none=True, metadata={"description": "of a tile that is a share"}
    )


class DashboardOut(Schema):
    """`today` is the business day in India that the figures are of; months begin with their first day. They are as of
    `asOf`: of everybody's loans now, of one's own or a team's within the last minute."""

    as_of = ma.fields.AwareDateTime()
    today = ma.fields.Date()
    tiles = ma.fields.List(ma.fields.Nested(TileOut))
