"""The way of a loan from the credit executive through the sanction managers and heads."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.loans.schemas import LoanOut
from app.sanction import deviations, offers, referrals, service
from app.sanction.schemas import (
    AgreeIn,
    CloseIn,
    DeviationOut,
    OfferIn,
    OfferMadeOut,
    ReferralIn,
    ReferralOut,
    RejectIn,
    RemarkIn,
    RestIn,
    SanctionOut,
)
from app.staff.permissions import Permission

blp = Blueprint("sanction", __name__, description="Recommending and sanctioning loans")
LOAN = "/partner/brand/<brand_id>/loans/<uuid:loan_id>"


@blp.route(f"{LOAN}/referrals")
class Referrals(MethodView):
    @staff(Permission.SANCTION_VIEW)
    @blp.response(200, ReferralOut(many=True))
    def get(self, loan_id):
        """Each reason for which the rules refer, and what was said to it."""
        return referrals.of_loan(loan_id)


@blp.route(f"{LOAN}/referrals/<rule_id>")
class OneReferral(MethodView):
    @staff(Permission.LOAN_RECOMMEND)
    @blp.arguments(ReferralIn)
    @blp.response(200, ReferralOut(many=True))
    def put(self, body, loan_id, rule_id):
        """Credit executive: accept one reason as a deviation, or let it stand; before a recommendation."""
        return referrals.decide(loan_id, rule_id, **body)


@blp.route(f"{LOAN}/recommend")
class Recommend(MethodView):
    @staff(Permission.LOAN_RECOMMEND)
    @blp.arguments(AgreeIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Credit executive: send the loan up, with its CAM and decision."""
        return service.recommend(loan_id, **body)


@blp.route(f"{LOAN}/reject")
class RejectApplication(MethodView):
    @staff(Permission.LOAN_RECOMMEND)
    @blp.arguments(RejectIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Credit executive: reject an application with a reason of the catalogue and a remark."""
        return service.reject(loan_id, **body)


@blp.route(f"{LOAN}/cancel")
class CancelApplication(MethodView):
    @staff(Permission.LOAN_RECOMMEND)
    @blp.arguments(CloseIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Close an application for a reason that is the customer's own (CU90 and the like): no rejection."""
        return service.cancel(loan_id, **body)


@blp.route(f"{LOAN}/hold")
class Hold(MethodView):
    @staff(Permission.LOAN_HOLD)
    @blp.arguments(RestIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Let the file rest, with a reason and until a day, by who works on it at this step."""
        return service.hold(loan_id, **body)


@blp.route(f"{LOAN}/resume")
class Resume(MethodView):
    @staff(Permission.LOAN_HOLD)
    @blp.arguments(RemarkIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Take the file up again at the step where it rested."""
        return service.resume(loan_id, **body)


@blp.route(f"{LOAN}/reactivate")
class Reactivate(MethodView):
    @staff(Permission.LOAN_REACTIVATE)
    @blp.arguments(RemarkIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Head or administrator: take up a rejection, or a sanction that ran out; the rules have to run again."""
        return service.reactivate(loan_id, **body)


@blp.route(f"{LOAN}/deviations")
class Deviations(MethodView):
    @staff(Permission.SANCTION_VIEW)
    @blp.response(200, DeviationOut(many=True))
    def get(self, loan_id):
        """Where the file departs from the policy: by how much, why that is right, who agreed, until when."""
        return deviations.of_loan(loan_id)


@blp.route(f"{LOAN}/offers")
class Offers(MethodView):
    @staff(Permission.SANCTION_VIEW)
    @blp.response(200, OfferMadeOut(many=True))
    def get(self, loan_id):
        """Every offer made to the customer, newest first."""
        return offers.of_loan(loan_id)

    @staff(Permission.LOAN_HOLD)
    @blp.arguments(OfferIn)
    @blp.response(201, OfferMadeOut)
    def post(self, body, loan_id):
        """Offer other terms within the CAM, by who works on the file at this step."""
        return offers.propose(loan_id, **body)


@blp.route(f"{LOAN}/sanction")
class Sanction(MethodView):
    @staff(Permission.SANCTION_VIEW)
    @blp.response(200, SanctionOut)
    def get(self, loan_id):
        """Where the file stands: amounts, what is missing, whose yes it has and whose it needs."""
        return service.summary(loan_id)


@blp.route(f"{LOAN}/sanction/approve")
class Approve(MethodView):
    @staff(Permission.SANCTION_DECIDE)
    @blp.arguments(AgreeIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Sanction manager or head: say yes at one's level; the last yes sanctions the loan."""
        return service.approve(loan_id, **body)


@blp.route(f"{LOAN}/sanction/reject")
class Reject(MethodView):
    @staff(Permission.SANCTION_DECIDE)
    @blp.arguments(RejectIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Sanction manager or head: reject with a reason of the catalogue and a remark."""
        return service.reject(loan_id, **body)


@blp.route(f"{LOAN}/sanction/send-back")
class SendBack(MethodView):
    @staff(Permission.SANCTION_DECIDE)
    @blp.arguments(RemarkIn)
    @blp.response(200, LoanOut)
    def post(self, body, loan_id):
        """Sanction manager or head: back to the step before, where the rules have to run again."""
        return service.send_back(loan_id, **body)
