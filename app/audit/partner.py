"""Reading the audit trail."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.audit import service
from app.audit.schemas import AuditArgs, AuditEventOut, Filters
from app.core.http import page_of, paginate
from app.staff.permissions import Permission

blp = Blueprint("audit", __name__, description="Who did what, when")


@blp.route("/partner/brand/<brand_id>/audit")
class AuditTrail(MethodView):
    @staff(Permission.AUDIT_VIEW)
    @blp.arguments(AuditArgs, location="query")
    @blp.response(200, page_of(AuditEventOut))
    def get(self, args):
        """Events of this brand, newest first, by who, what, whose, when, request or text."""
        return service.with_names(paginate(service.search(args), args, service.SORTABLE))


@blp.route("/partner/brand/<brand_id>/audit/csv")
class AuditFile(MethodView):
    @staff(Permission.AUDIT_VIEW)
    @blp.arguments(Filters, location="query")
    @blp.response(200, {"type": "string", "format": "binary"}, content_type="text/csv")
    def get(self, args):
        """The same events as CSV, up to 50,000. The export is an event itself."""
        return Response(service.export(args), mimetype="text/csv")
