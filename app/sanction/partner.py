"""The way of a loan from the credit executive through the sanction managers and heads."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.loans.schemas import LoanOut
from app.sanction import service
from app.sanction.schemas import RejectIn, RemarkIn
from app.staff.permissions import Permission

blp = Blueprint("sanction", __name__, description="Recommending and sanctioning loans")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/recommend")
class Recommend(MethodView):
    @staff(Permission.LOAN_RECOMMEND)
    @blp.arguments(RemarkIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Credit executive: send the loan up, with its CAM and decision."""
        return service.recommend(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/sanction/approve")
class Approve(MethodView):
    @staff(Permission.SANCTION_DECIDE)
    @blp.arguments(RemarkIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Sanction manager or head: approve on the terms of the CAM."""
        return service.approve(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/sanction/reject")
class Reject(MethodView):
    @staff(Permission.SANCTION_DECIDE)
    @blp.arguments(RejectIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Sanction manager or head: reject with a reason and a remark."""
        return service.reject(loan_id, **body)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/sanction/send-back")
class SendBack(MethodView):
    @staff(Permission.SANCTION_DECIDE)
    @blp.arguments(RemarkIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Sanction manager or head: back to the credit executive."""
        return service.send_back(loan_id, **body)
