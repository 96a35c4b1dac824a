"""Runs of reports, in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.http import page_of, paginate
from app.reporting import mailing, service
from app.reporting.models import ReportRun
from app.reporting.schemas import ReportRunFilters, RunOut
from app.staff.permissions import Permission

blp = Blueprint("report-runs", __name__, description="Runs of reports")


@blp.route("/partner/brand/<brand_id>/report-runs")
class Runs(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.arguments(ReportRunFilters, location="query")
    @blp.response(200, page_of(RunOut))
    def get(self, args):
        """Who asked for which report when, newest first."""
        query = service.runs(args["report_type"], args["status"])
        return paginate(query, args, {"createdAt": ReportRun.created_at, "reportType": ReportRun.report_type})


@blp.route("/partner/brand/<brand_id>/report-runs/<uuid:run_id>")
class Run(MethodView):
    @staff(Permission.REPORTS_RUN)
    @blp.response(200, RunOut)
    def get(self, run_id):
        """How far a run is: stage, percent, rows so far, and where its rows and files are."""
        return service.get(run_id)

    @staff(Permission.REPORTS_RUN)
    @blp.response(200, RunOut)
    def delete(self, run_id):
        """Cancel a run that is on its way, also for whoever waits for its mail. 409 once it is over."""
        run = service.cancel(run_id)
        mailing.tell(run)
        return run
