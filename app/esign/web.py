"""The agreement in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.esign import service
from app.esign.schemas import AgreementOut
from app.loans import service as loans

blp = Blueprint("esign", __name__, description="Signing the loan agreement")


@blp.route("/web/loans/<uuid:loan_id>/agreement")
class Agreement(MethodView):
    @customer
    @blp.response(200, AgreementOut)
    def get(self, loan_id, customer_id):
        """How far the agreement is, and where to sign it."""
        return service.describe(loans.for_customer(loan_id, customer_id))
