"""What a customer is told of a decision."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.core.errors import NotFound
from app.credit import explaining, service
from app.credit.schemas import CustomerDecisionOut
from app.loans import service as loans

blp = Blueprint("credit-web", __name__, description="Why an application was declined")


@blp.route("/web/loans/<uuid:loan_id>/decision")
class Decision(MethodView):
    @customer
    @blp.response(200, CustomerDecisionOut)
    def get(self, loan_id, customer_id):
        """How an application stands; when it was declined the principal reasons, and what would help."""
        loan = loans.for_customer(loan_id, customer_id)
        decision = service.latest(loan.id)
        if decision is None:
            raise NotFound("decision")
        return explaining.for_customer(loan, decision)
