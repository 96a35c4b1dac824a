"""Reports in the portal: asked for, read by the page, downloaded, mailed."""

from typing import Any

from flask import Response, after_this_request, request
from flask.views import MethodView
from flask_smorest import Blueprint

import reports
from app.access import staff, unscoped
from app.core import identity
from app.core.database import brand_scope
from app.core.http import answer
from app.files import ChunkedFile
from app.reporting import files, mailing, producing, recipients, service
from app.reporting.models import ReportRun
from app.reporting.schedule_schemas import ReportMailArgs, ReportMailOut
from app.reporting.schemas import (
    CsvArgs,
    PageArgs,
    ReportFileArgs,
    ReportOut,
    RowsOut,
    RunOut,
)
from app.staff.permissions import Permission

blp = Blueprint(
    "reports", __name__, description="Reports: asked for, produced by a worker, read, downloaded or mailed"
)

FILE = {"type": "string", "format": "binary"}


def _run_for(report_type: str, args: dict[str, Any], *, here: bool = False) -> ReportRun:
    """The run that a request speaks of: by its id, or the one that answers its question, made `here` if little."""
    service.declared(report_type)
    if args["run_id"]:
        return service.get(args["run_id"], report_type)
    asked = {name: args[name] for name in ("from_date", "to_date", "unmasked", "group_by", "refresh")}
    options = {name: args[name] for name in reports.OPTIONS if args[name]}
    return service.ask(report_type, **asked, options=options, here=here)


def _not_yet(run: ReportRun) -> Response:
    told = RunOut().dump(run)
    response = answer(told, status=202)
    response.headers["Retry-After"] = "1"
    response.headers["Location"] = told["href"]
    return response


def _respond(run: ReportRun, args: dict[str, Any]) -> Response:
    """A page or a file of the run, or 202 while there is none."""
    format_ = args.get("format")
    if not (service.file_is_ready(run, format_) if format_ else service.is_ready(run)):
        return _not_yet(run)
    if format_:
        files.record("downloaded", run, format=format_)
        return file_response(run, format_, service.file(run, format_, totals=args["totals"]))
    files.record("viewed", run, page=args["page"])
    return answer(RowsOut().dump(service.page(run, args["page"], args["page_size"], args["pick"])))


def file_response(run: ReportRun, format_: str, chunks: Any) -> Response:
    """A file on its way to whoever saves it; what is stored as it is sent can be sent in part."""
    response = Response(chunks, content_type=files.content_type(format_), direct_passthrough=True)
    response.headers["Content-Disposition"] = f'attachment; filename="{files.named(run, format_)}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    if isinstance(chunks, ChunkedFile):
        response.content_length = chunks.size
        response.set_etag(f"{run.id}-{format_}")
        response.make_conditional(request, accept_ranges=True, complete_length=chunks.size)
    return response


def _asked(report_type: str, args: dict[str, Any]) -> Response:
    run = _run_for(report_type, args, here=True)
    if service.is_little(run):
        _make_at_once(run, args)
    return _respond(run, args)


def _make_at_once(run: ReportRun, args: dict[str, Any]) -> None:
    """Once the transaction of this request has ended, make the report here and answer with it if it is little."""
    actor = identity.actor()

    @after_this_request
    def instead(response: Response) -> Response:
        if response.status_code != 202:
            return response
        producing.run(run.brand_id, run.id, at_once=True)
        with identity.acting(actor), brand_scope(run.brand_id):
            made = service.get(run.id)
            return _respond(made, args) if service.has_rows(made) else response


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
        wanted = service.pick(report_type, args.pop("sort"), args.pop("where"))
        return _asked(report_type, args | {"pick": wanted})


@blp.route("/partner/brand/<brand_id>/report/<report_type>/csv")
class Csv(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(CsvArgs, location="query")
    @blp.response(200, FILE, content_type="text/csv")
    @blp.alt_response(202, schema=RunOut, description="Being produced: look at `href`")
    def get(self, args, report_type):
        """The whole report as CSV: UTF-8, DD-MM-YYYY, times of India; with `totals` a last line of them."""
        return _asked(report_type, args | {"format": "csv"})


@blp.route("/partner/brand/<brand_id>/report/<report_type>/download")
class Download(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(ReportFileArgs, location="query")
    @blp.response(200, FILE, content_type="application/octet-stream")
    @blp.alt_response(202, schema=RunOut, description="Being produced: look at `href`")
    def get(self, args, report_type):
        """The whole report as a file: csv, xlsx, parquet, json or html."""
        return _asked(report_type, args)


@blp.route("/partner/brand/<brand_id>/report/<report_type>/email")
class Email(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(ReportMailArgs)
    @blp.response(202, ReportMailOut)
    def post(self, args, report_type):
        """Mail some of the staff, or whoever asks, a link to the report, masked, that ends after a day."""
        service.declared(report_type)
        whom = recipients.named(args["recipients"])
        run = _run_for(report_type, args | {"run_id": None, "unmasked": False})
        return {"run": run, "mails": mailing.mail(run, whom, format=args["format"])}


@blp.route("/report-files/<token>")
class LinkedReport(MethodView):
    @unscoped
    @blp.response(200, FILE, content_type="application/octet-stream")
    def get(self, token):
        """The file of a mailed link, for as long as the link lasts."""
        return file_response(*mailing.follow(token))
