"""Deciding on an application, and explaining it."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.credit import comparing, explaining, replaying, service
from app.credit.schemas import ComparisonOut, DecisionOut, ExplanationOut, ReplayOut
from app.staff.permissions import Permission

blp = Blueprint("credit", __name__, description="Credit decisions (BRE)")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/evaluate")
class Evaluate(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.response(201, DecisionOut)
    def post(self, loan_id):
        """Run the brand's rules on what is known now. A reject ends the application."""
        return service.evaluate(loan_id)


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/decisions")
class Decisions(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, DecisionOut(many=True))
    def get(self, loan_id):
        """Every decision on a loan, newest first, with every rule."""
        return service.decisions(loan_id)


@blp.route("/partner/brand/<brand_id>/decisions/<uuid:decision_id>")
class Explanation(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, ExplanationOut)
    def get(self, decision_id):
        """Why: each reason with its values, thresholds and where every datum is from; and what would have helped."""
        return explaining.explain(service.get(decision_id))


@blp.route("/partner/brand/<brand_id>/decisions/<uuid:decision_id>/replay")
class Replay(MethodView):
    @staff(Permission.CREDIT_ASSESS)
    @blp.response(200, ReplayOut)
    def post(self, decision_id):
        """Run a stored decision again and tell what comes out otherwise."""
        found = replaying.differences(service.get(decision_id))
        return {"decision_id": decision_id, "identical": not found, "differences": found}


@blp.route("/partner/brand/<brand_id>/policies/experiments/<uuid:experiment_id>/comparison")
class Comparison(MethodView):
    @staff(Permission.POLICY_VIEW)
    @blp.response(200, ComparisonOut)
    def get(self, experiment_id):
        """Champion and challenger: outcomes, who moves, reasons, offers, and repayment where it is known."""
        return comparing.compare(experiment_id)
