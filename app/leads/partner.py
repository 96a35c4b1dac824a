"""Leads in the portal: files in, matching, the list and its cards, CSV out."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.core.bodies import large_file
from app.core.http import page_of, paginate
from app.documents.files import FILE
from app.leads import service
from app.leads.models import LeadForm, LeadRun
from app.leads.schemas import (
    DeletedOut,
    ExportArgs,
    Filters,
    IdsIn,
    LeadArgs,
    LeadDetailOut,
    LeadFile,
    LeadOut,
    LeadRunOut,
    RunArgs,
    StatsOut,
    SyncIn,
)
from app.staff.permissions import Permission

# 100,000 leads of Facebook in UTF-16 with a dozen questions
FILE_BYTES_MAX = 48 * 2**20

blp = Blueprint("leads", __name__, description="Leads of advertisements: files, matching, lists")

SORTABLE = {
    "createdAt": LeadForm.created_at,
    "submittedAt": LeadForm.submitted_at,
    "status": LeadForm.status,
    "campaignName": LeadForm.campaign_name,
    "lineNo": LeadForm.line_no,
}
RUNS_SORTABLE = {"createdAt": LeadRun.created_at, "status": LeadRun.status}


@blp.route("/partner/brand/<brand_id>/lead-forms")
class Leads(MethodView):
    @staff(Permission.LEADS_VIEW)
    @blp.arguments(LeadArgs, location="query")
    @blp.response(200, page_of(LeadOut))
    def get(self, args):
        """Leads by status, campaign, file, day and search, paged and sorted."""
        paging = {name: args.pop(name) for name in ("page", "page_size", "sort")}
        return paginate(service.search(**args), paging, SORTABLE)


@blp.route("/partner/brand/<brand_id>/lead-forms/stats")
class LeadStats(MethodView):
    @staff(Permission.LEADS_VIEW)
    @blp.arguments(Filters, location="query")
    @blp.response(200, StatsOut)
    def get(self, args):
        """The cards: how many of each status, organic and paid apart."""
        return service.stats(**args)


@blp.route("/partner/brand/<brand_id>/lead-forms/upload")
class LeadUpload(MethodView):
    @staff(Permission.LEADS_MANAGE)
    @large_file(FILE_BYTES_MAX)
    @blp.arguments(LeadFile, location="files")
    @blp.response(202, LeadRunOut)
    def post(self, files):
        """Send a CSV of leads; its rows are read by a job. The run says how far it is."""
        file = files["file"]
        return service.upload(file.filename or "", file.stream)


@blp.route("/partner/brand/<brand_id>/lead-forms/sync")
class LeadSync(MethodView):
    @staff(Permission.LEADS_MANAGE)
    @blp.arguments(SyncIn)
    @blp.response(202, LeadRunOut)
    def post(self, body):
        """Match leads to customers by phone, by a job. The run says how far it is."""
        return service.sync(**body)


@blp.route("/partner/brand/<brand_id>/lead-forms/runs")
class LeadRuns(MethodView):
    @staff(Permission.LEADS_VIEW)
    @blp.arguments(RunArgs, location="query")
    @blp.response(200, page_of(LeadRunOut))
    def get(self, args):
        """Files that were read and matchings, newest first."""
        return paginate(service.runs(args["kind"]), args, RUNS_SORTABLE)


@blp.route("/partner/brand/<brand_id>/lead-forms/runs/<uuid:run_id>")
class OneLeadRun(MethodView):
    @staff(Permission.LEADS_VIEW)
    @blp.response(200, LeadRunOut)
    def get(self, run_id):
        """One run and how far it is. Its bad rows are the FAILED leads with this runId."""
        return service.run(run_id)


@blp.route("/partner/brand/<brand_id>/lead-forms/export")
class LeadExport(MethodView):
    @staff(Permission.LEADS_MANAGE)
    @blp.arguments(ExportArgs, location="query")
    @blp.response(200, FILE, content_type="text/csv")
    def get(self, args):
        """The leads of a filter as CSV. `unmasked` asks for the right to see personal data."""
        answer = Response(service.export(**args), mimetype="text/csv")
        answer.headers["Content-Disposition"] = 'attachment; filename="leads.csv"'
        return answer


@blp.route("/partner/brand/<brand_id>/lead-forms/bulk")
class LeadBulk(MethodView):
    @staff(Permission.LEADS_DELETE)
    @blp.arguments(IdsIn)
    @blp.response(200, DeletedOut)
    def delete(self, body):
        """Delete leads by id; those that are not there are named."""
        return service.remove(body["ids"])


@blp.route("/partner/brand/<brand_id>/lead-forms/<uuid:lead_id>")
class OneLead(MethodView):
    @staff(Permission.LEADS_VIEW)
    @blp.response(200, LeadDetailOut)
    def get(self, lead_id):
        """One lead with its advertisement and its answers."""
        return service.get(lead_id)
