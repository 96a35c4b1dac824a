"""The CAM calculator of the portal."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.cam import service
from app.cam.schemas import CamChangeOut, CamDiffArgs, CamOut, CamSaveIn, CamVersionOut, changes
from app.staff.permissions import Permission

blp = Blueprint("cam", __name__, description="Credit appraisal memo")


@blp.route("/loans/cam-calculator/<uuid:loan_id>")
class Cam(MethodView):
    @staff(Permission.CAM_VIEW)
    @blp.response(200, CamOut)
    def get(self, loan_id):
        """The saved CAM of a loan; before the first save, what the bank statement suggests."""
        return service.describe(loan_id)


@blp.route("/loans/cam-calculator/<uuid:loan_id>/versions")
class CamVersions(MethodView):
    @staff(Permission.CAM_VIEW)
    @blp.response(200, CamVersionOut(many=True))
    def get(self, loan_id):
        """Every version that was saved, newest first."""
        return service.versions(loan_id)


@blp.route("/loans/cam-calculator/<uuid:loan_id>/versions/<version>")
class CamVersion(MethodView):
    @staff(Permission.CAM_VIEW)
    @blp.response(200, CamOut)
    def get(self, loan_id, version):
        """One version, whole."""
        return service.version(loan_id, version)


@blp.route("/loans/cam-calculator/<uuid:loan_id>/diff")
class CamDiff(MethodView):
    @staff(Permission.CAM_VIEW)
    @blp.arguments(CamDiffArgs, location="query")
    @blp.response(200, CamChangeOut(many=True))
    def get(self, args, loan_id):
        """What differs between two versions, field by field."""
        return changes(*(service.version(loan_id, args[side]) for side in ("left", "right")))


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
