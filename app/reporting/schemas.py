"""Reports over the wire."""

from typing import Any

import marshmallow as ma

from app.core.http import PageArgs as ListArgs
from app.core.http import Pagination, Schema, camel
from app.reporting.files import ASKED_FOR
from app.reporting.models import STATUSES, ReportRun
from app.reporting.progress import STAGES
from reports import OPTIONS, REPORTS

ROWS_MAX = 500
NAME = {"example": "disbursed-loan-report"}
FORMAT = ma.validate.OneOf(ASKED_FOR)
_SORT = {"example": "customerId", "description": "a column, with a minus for the largest first"}
_WHERE = {"example": ["status:ACTIVE"], "description": "column:value, of up to 50,000 rows"}
GROUP = {"example": "source", "description": "only the rows grouped by this, of reports that have groups"}


def _option(name: str) -> ma.fields.String:
    asked = [report for report in REPORTS.values() if name in {option.name for option in report.options}]
    values = dict.fromkeys(value for r in asked for o in r.options if o.name == name for value in o.values)
    told = {"enum": list(values), "description": f"of {', '.join(report.name for report in asked)}"}
    return ma.fields.String(load_default=None, metadata=told)


# what may be chosen beside the days, of those reports that have it
Options = Schema.from_dict({name: _option(name) for name in sorted(OPTIONS)}, name="Options")


def chosen(run: ReportRun) -> dict[str, str]:
    return {camel(name): value for name, value in run.options.items()}


class RunArgs(Options):
    """Which answer: of a run by its id, or to a question by its dates."""

    run_id = ma.fields.UUID(load_default=None)
    from_date = ma.fields.Date(load_default=None, metadata={"description": "first day in India, YYYY-MM-DD"})
    to_date = ma.fields.Date(load_default=None, metadata={"description": "last day in India, included"})
    unmasked = ma.fields.Boolean(load_default=False, metadata={"description": "personal data in full"})
    group_by = ma.fields.String(load_default=None, metadata=GROUP)
    refresh = ma.fields.Boolean(load_default=False, metadata={"description": "produce it anew"})

    @ma.validates_schema
    def _one_or_the_other(self, data: dict[str, Any], **kwargs: Any) -> None:
        missing = [name for name in ("from_date", "to_date") if not data.get(name)]
        if missing and not data.get("run_id"):
            words = "A day as YYYY-MM-DD is needed."
            raise ma.ValidationError({camel(name): [words] for name in missing})


class PageArgs(RunArgs):
    page = ma.fields.Integer(load_default=1, validate=ma.validate.Range(min=1, max=1_000_000))
    page_size = ma.fields.Integer(load_default=100, validate=ma.validate.Range(min=1, max=ROWS_MAX))
    sort = ma.fields.String(load_default=None, metadata=_SORT)
    where = ma.fields.List(ma.fields.String(), load_default=list, metadata=_WHERE)


class CsvArgs(RunArgs):
    totals = ma.fields.Boolean(
        load_default=False, metadata={"description": "CSV ends with a row of totals, under their columns"}
    )


class ReportFileArgs(CsvArgs):
    format = ma.fields.String(load_default="csv", validate=FORMAT, metadata={"example": "csv"})


class ReportRunFilters(ListArgs):
    report_type = ma.fields.String(load_default=None, metadata=NAME)
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(STATUSES))


def _totals(run: ReportRun) -> dict[str, Any] | None:
    return run.totals and {camel(name): value for name, value in run.totals.items()}


def _href(run: ReportRun) -> str:
    return f"/partner/brand/{run.brand_id}/report-runs/{run.id}"


def _report(run: ReportRun) -> str:
    return f"/partner/brand/{run.brand_id}/report/{run.report_type}"


def _files(run: ReportRun) -> dict[str, str]:
    return {name: f"{_report(run)}/download?runId={run.id}&format={name}" for name in ASKED_FOR}


class RunOut(Schema):
    """`href` tells how far it is. Once it is READY, `rowsHref` gives the rows and `fileHrefs` the files by format."""

    run_id = ma.fields.UUID(attribute="id")
    report_type = ma.fields.String()
    from_date = ma.fields.Date()
    to_date = ma.fields.Date()
    unmasked = ma.fields.Boolean()
    group_by = ma.fields.String(allow_none=True)
    options = ma.fields.Function(chosen, metadata={"type": "object"})
    status = ma.fields.String(metadata={"enum": list(STATUSES)})
    stage = ma.fields.String(allow_none=True, metadata={"enum": list(STAGES)})
    progress_percent = ma.fields.Integer()
    rows_done = ma.fields.Integer(metadata={"description": "rows that have come from the database so far"})
    row_count = ma.fields.Integer(allow_none=True)
    totals = ma.fields.Function(_totals, metadata={"type": "object", "nullable": True})
    as_of = ma.fields.AwareDateTime(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    requested_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    href = ma.fields.Function(_href, metadata={"type": "string"})
    rows_href = ma.fields.Function(lambda run: f"{_report(run)}?runId={run.id}", metadata={"type": "string"})
    csv_href = ma.fields.Function(
        lambda run: f"{_report(run)}/csv?runId={run.id}", metadata={"type": "string"}
    )
    file_hrefs = ma.fields.Function(_files, metadata={"type": "object"})


class MetaOut(Schema):
    """What the rows are: `asOf` is the instant of the snapshot they come from."""

    run_id = ma.fields.UUID(attribute="id")
    report_type = ma.fields.String()
    brand_id = ma.fields.String()
    from_date = ma.fields.Date(data_key="from")
    to_date = ma.fields.Date(data_key="to")
    unmasked = ma.fields.Boolean()
    group_by = ma.fields.String(allow_none=True)
    options = ma.fields.Function(chosen, metadata={"type": "object"})
    as_of = ma.fields.AwareDateTime()
    generated_at = ma.fields.Function(lambda run: run.as_of.isoformat(), metadata={"format": "date-time"})
    row_count = ma.fields.Integer()
    totals = ma.fields.Function(_totals, metadata={"type": "object"})


class RowsOut(Schema):
    """Rows have the columns of `GET .../reports`: amounts as text, dates and instants as ISO."""

    meta = ma.fields.Nested(MetaOut, attribute="run")
    rows = ma.fields.List(ma.fields.Dict())
    pagination = ma.fields.Nested(Pagination)


class ColumnOut(Schema):
    name = ma.fields.Function(lambda column: camel(column.name), metadata={"type": "string"})
    header = ma.fields.String(attribute="name", metadata={"description": "the column's name in CSV"})
    type = ma.fields.String(attribute="kind.name")
    meaning = ma.fields.String()
    masked = ma.fields.Function(lambda column: column.mask is not None, metadata={"type": "boolean"})
    empty = ma.fields.Boolean(metadata={"description": "nothing fills it yet"})


class ReportOut(Schema):
    """The declaration of a report."""

    report_type = ma.fields.String(attribute="name")
    title = ma.fields.String()
    family = ma.fields.String()
    grain = ma.fields.String()
    filtered_on = ma.fields.String(metadata={"description": "what fromDate and toDate apply to"})
    order = ma.fields.String()
    groups = ma.fields.Function(
        lambda report: list(report.grouping.choices) if report.grouping else [],
        metadata={"type": "array", "items": {"type": "string"}, "description": "what groupBy may be"},
    )
    options = ma.fields.Function(
        lambda report: {camel(option.name): option.values for option in report.options},
        metadata={"type": "object", "description": "what else may be chosen, and what each value gives"},
    )
    columns = ma.fields.List(ma.fields.Nested(ColumnOut))
