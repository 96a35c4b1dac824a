"""Statements of account in the portal."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.staff.permissions import Permission
from app.statement_of_account import service
from app.statement_of_account.schemas import FILE, StatementOfAccountArgs, StatementOfAccountOut

blp = Blueprint("partner-statements", __name__, description="Statements of account")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/statement-of-account")
class StatementOfAccount(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(StatementOfAccountArgs, location="query")
    @blp.response(200, StatementOfAccountOut)
    def get(self, args, loan_id):
        """What was charged, paid and given up, line by line, and what is left."""
        return service.for_staff(loan_id, args["as_of"])


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/statement-of-account.csv")
class StatementOfAccountCsv(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(StatementOfAccountArgs, location="query")
    @blp.response(200, FILE, content_type="text/csv")
    def get(self, args, loan_id):
        """Its lines for a spreadsheet."""
        return Response(service.as_csv(service.for_staff(loan_id, args["as_of"])), mimetype="text/csv")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/statement-of-account.pdf")
class StatementOfAccountPdf(MethodView):
    @staff(Permission.LEDGER_VIEW)
    @blp.arguments(StatementOfAccountArgs, location="query")
    @blp.response(200, FILE, content_type="application/pdf")
    def get(self, args, loan_id):
        """The statement on the brand's paper."""
        return Response(service.as_pdf(service.for_staff(loan_id, args["as_of"])), mimetype="application/pdf")
