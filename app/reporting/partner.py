"""Reports in the portal."""

from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

import reports
from app.access import staff
from app.core.http import PageArgs as ListArgs
from app.core.http import answer, page_of, paginate
from app.reporting import service
from app.reporting.models import ReportRun
from app.reporting.schemas import PageArgs, ReportOut, RowsOut, RunArgs, RunOut
from app.staff.permissions import Permission

blp = Blueprint(
    "reports", __name__, description="Reports: asked for, produced by a worker, read or downloaded"
)

FILE = {"type": "string", "format": "binary"}


def _run_for(report_type: str, args: dict[str, Any]) -> ReportRun:
    """The run that a request speaks of: by its id, or the one that answers its question."""
    service.declared(report_type)
    if args["run_id"]:
        return service.get(args["run_id"], report_type)
    asked = {name: args[name] for name in ("from_date", "to_date", "unmasked", "refresh")}
    return service.ask(report_type, **asked)


def _not_yet(run: ReportRun) -> Response:
    response = answer(RunOut().dump(run), status=202)
    response.headers["Retry-After"] = "1"
    response.headers["Location"] = RunOut().dump(run)["href"]
    return response


@blp.route("/partner/brand/<brand_id>/reports")
class Reports(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.response(200, ReportOut(many=True))
    def get(self):
        """The reports there are, with every column and what it means."""
        return list(reports.REPORTS.values())


@blp.route("/partner/brand/<brand_id>/report/<report_type>")
class Rows(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(PageArgs, location="query")
    @blp.response(200, RowsOut)
    @blp.alt_response(202, schema=RunOut, description="Being produced: look at `href`")
    def get(self, args, report_type):
        """A page of the report's rows. For the next pages send the `runId` that the first one gave."""
        run = _run_for(report_type, args)
        if not service.is_ready(run):
            return _not_yet(run)
        service.record("viewed", run, page=args["page"])
        return service.page(run, args["page"], args["page_size"])


class _Csv(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(RunArgs, location="query")
    @blp.response(200, FILE, content_type="text/csv")
    @blp.alt_response(202, schema=RunOut, description="Being produced: look at `href`")
    def get(self, args, report_type):
        """The whole report as CSV: UTF-8, DD-MM-YYYY, times of India."""
        run = _run_for(report_type, args)
        if not service.is_ready(run):
            return _not_yet(run)
        service.record("downloaded", run)
        return _file(run)


def _file(run: ReportRun) -> Response:
    response = Response(service.csv(run), mimetype="text/csv")
    name = f"{run.report_type}_{run.brand_id}_{run.from_date}_{run.to_date}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@blp.route("/partner/brand/<brand_id>/report/<report_type>/csv")
class Csv(_Csv):
    """Named as the portal's export button has it."""


@blp.route("/partner/brand/<brand_id>/report/<report_type>/download")
class Download(_Csv):
    """The same file under the name of the portal's download button."""


@blp.route("/partner/brand/<brand_id>/report-runs")
class Runs(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(ListArgs, location="query")
    @blp.response(200, page_of(RunOut))
    def get(self, args):
        """Who asked for which report when, newest first."""
        return paginate(
            service.runs(), args, {"createdAt": ReportRun.created_at, "reportType": ReportRun.report_type}
        )


@blp.route("/partner/brand/<brand_id>/report-runs/<uuid:run_id>")
class Run(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.response(200, RunOut)
    def get(self, run_id):
        """How far a run is."""
        return service.get(run_id)
