"""The statement analysis for people: a page with charts, and the same as a PDF on the lender's paper."""

from typing import Any
from uuid import UUID

from app.banking import service
from app.brands import service as brands
from app.core import clock
from app.core.errors import Conflict
from app.documents.render import letterhead, render
from app.loans import service as loans
from pipelines.bsa import page
from pipelines.pages.charts import standalone

ROWS_MAX = 40  # of a table on paper; the page and the JSON have all of them


def html(loan_id: UUID) -> str:
    """The page of a loan's newest analysis. Raises Conflict when there is none yet."""
    return page.report_page(
        _report(loan_id), title=f"Bank statement analysis of {loans.get(loan_id).loan_no}"
    )


def pdf(loan_id: UUID) -> bytes:
    """The same on paper. Raises Conflict when there is none yet."""
    report = _report(loan_id)
    data = letterhead(brands.describe(), clock.today()) | {
        "loan_no": loans.get(loan_id).loan_no,
        "period": page.period(report),
        "figures": page.headline(report),
        "charts": {name: standalone(chart) for name, chart in page.charts(report).items()},
        "tables": [
            {"name": table.name, "head": table.head, "rows": table.rows[:ROWS_MAX]}
            for table in page.tables(report)
            if table.rows
        ],
    }
    return render("bsa_report", data)


def _report(loan_id: UUID) -> dict[str, Any]:
    told = service.describe(loan_id)
    if not told.get("report"):
        raise Conflict(
            f"There is no analysis to show: {told['reason'] or 'no statement was given yet.'}",
            code="NO_ANALYSIS",
            state=told["status"],
        )
    return told["report"]
