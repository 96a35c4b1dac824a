"""How far applications have come by themselves, in the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.assessment import service
from app.assessment.schemas import AssessmentOut
from app.staff.permissions import Permission

blp = Blueprint("assessment", __name__, description="From an application to its decision")


@blp.route("/partner/brand/<brand_id>/loans/<uuid:loan_id>/assessments")
class Assessments(MethodView):
    @staff(Permission.LOAN_FILE_VIEW)
    @blp.response(200, AssessmentOut(many=True))
    def get(self, loan_id):
        """How far the application has come by itself, newest first: which step runs, waits or stopped, and why."""
        return service.of_loan(loan_id)
