"""KYC as staff see it."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.documents.schemas import DocumentOut
from app.kyc import service
from app.kyc.schemas import OnboardingOut, ReviewIn, StaffKycOut
from app.staff.permissions import Permission

blp = Blueprint("partner-kyc", __name__, description="Customers' KYC as staff see it")


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/kyc")
class CustomerKyc(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, StaffKycOut)
    def get(self, customer_id):
        """Every attempt and what came of it; personal data masked."""
        return service.describe(customer_id)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/onboarding")
class CustomerOnboarding(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.response(200, OnboardingOut)
    def get(self, customer_id):
        """How far the customer has come, as they see it themselves."""
        return service.onboarding(customer_id)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/documents/<uuid:document_id>/review")
class ReviewDocument(MethodView):
    @staff(Permission.CUSTOMERS_VIEW)
    @blp.arguments(ReviewIn)
    @blp.response(200, DocumentOut)
    def post(self, body, customer_id, document_id):
        """Find a document good or not."""
        return service.review_document(customer_id, document_id, **body)
