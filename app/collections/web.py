"""How a customer is collected from, in the customer app."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer
from app.collections.complaints import service as complaints
from app.collections.complaints.schemas import OwnComplaintIn, OwnComplaintOut

blp = Blueprint(
    "complaints", __name__, description="A customer's complaints about how they are collected from"
)


@blp.route("/web/loans/<uuid:loan_id>/complaints")
class OwnComplaints(MethodView):
    @customer
    @blp.response(200, OwnComplaintOut(many=True))
    def get(self, loan_id, customer_id):
        """What the customer complained of on a loan, newest first, with the answers."""
        return complaints.of_customer(customer_id, loan_id)

    @customer
    @blp.arguments(OwnComplaintIn)
    @blp.response(201, OwnComplaintOut)
    def post(self, body, loan_id, customer_id):
        """Complain of how one is collected from. The answer says until when it comes."""
        return complaints.raise_by(customer_id, loan_id, **body)
