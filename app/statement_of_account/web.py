"""The statement of account in the customer app."""

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.statement_of_account import service
from app.statement_of_account.schemas import FILE, StatementOfAccountArgs, StatementOfAccountOut

blp = Blueprint("statements", __name__, description="A customer's statement of account")


@blp.route("/web/loans/<uuid:loan_id>/statement-of-account")
class StatementOfAccount(MethodView):
    @customer
    @blp.arguments(StatementOfAccountArgs, location="query")
    @blp.response(200, StatementOfAccountOut)
    def get(self, args, loan_id, customer_id):
        """What was charged, paid and given up, line by line, and what is left."""
        return service.for_customer(loan_id, customer_id, args["as_of"])


@blp.route("/web/loans/<uuid:loan_id>/statement-of-account.csv")
class StatementOfAccountCsv(MethodView):
    @customer
    @blp.arguments(StatementOfAccountArgs, location="query")
    @blp.response(200, FILE, content_type="text/csv")
    def get(self, args, loan_id, customer_id):
        """Its lines for a spreadsheet."""
        return Response(
            service.as_csv(service.for_customer(loan_id, customer_id, args["as_of"])), mimetype="text/csv"
        )


@blp.route("/web/loans/<uuid:loan_id>/statement-of-account.pdf")
class StatementOfAccountPdf(MethodView):
    @customer
    @blp.arguments(StatementOfAccountArgs, location="query")
    @blp.response(200, FILE, content_type="application/pdf")
    def get(self, args, loan_id, customer_id):
        """The statement on the brand's paper."""
        return Response(
            service.as_pdf(service.for_customer(loan_id, customer_id, args["as_of"])),
            mimetype="application/pdf",
        )
