"""The CAM calculator of the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.cam import service
from app.cam.schemas import CamOut, CamSaveIn
from app.staff.permissions import Permission

blp = Blueprint("cam", __name__, description="Credit appraisal memo")


@blp.route("/loans/cam-calculator/<uuid:loan_id>")
class Cam(MethodView):
    @staff(Permission.CAM_VIEW)
    @blp.response(200, CamOut)
    def get(self, loan_id):
        """The saved CAM of a loan; before the first save, what the bank statement suggests."""
        return service.describe(loan_id)


@blp.route("/loans/brand/<brand_id>/cam-calculator/save")
class SaveCam(MethodView):
    @staff(Permission.CAM_SAVE)
    @blp.arguments(CamSaveIn)
    @blp.response(200, CamOut)
    def post(self, body):
        """Work the CAM out on the server and keep it; the latest version is the loan's."""
        loan_id = body.pop("loan_id")
        service.save(loan_id, body)
        return service.describe(loan_id)
