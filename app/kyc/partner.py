"""KYC as staff see it."""

from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import staff
from app.documents.schemas import DocumentOut
from app.kyc import service
from app.kyc.schemas import (
    AttemptOut,
    FaceIn,
    KycRefreshIn,
    OnboardingOut,
    ReadIdentityIn,
    ReviewIn,
    StaffKycOut,
    StaffUpiIdOut,
    UpiIdIn,
)
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
    @staff(Permission.DOCUMENTS_REVIEW)
    @blp.arguments(ReviewIn)
    @blp.response(200, DocumentOut)
    def post(self, body, customer_id, document_id):
        """Find a document good or not."""
        return service.review_document(customer_id, document_id, **body)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/kyc/identity")
class ReadIdentity(MethodView):
    @staff(Permission.DOCUMENTS_REVIEW)
    @blp.arguments(ReadIdentityIn)
    @blp.response(201, AttemptOut)
    def post(self, body, customer_id):
        """Enter the identity as it stands on documents that were found good."""
        return service.record_identity(customer_id, **body)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/kyc/face-match")
class FaceMatch(MethodView):
    @staff(Permission.DOCUMENTS_REVIEW)
    @blp.arguments(FaceIn)
    @blp.response(201, AttemptOut)
    def post(self, body, customer_id):
        """Say whether the selfie shows who is on the document."""
        return service.match_face(customer_id, **body)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/kyc/upi-id")
class UpiId(MethodView):
    @staff(Permission.KYC_REFRESH)
    @blp.arguments(UpiIdIn)
    @blp.response(201, StaffUpiIdOut)
    def post(self, body, customer_id):
        """Enter the UPI id that a customer names. Its bank is asked whose it is."""
        return service.add_upi_id(customer_id, **body)


@blp.route("/partner/brand/<brand_id>/customers/<uuid:customer_id>/kyc/refresh")
class Refresh(MethodView):
    @staff(Permission.KYC_REFRESH)
    @blp.arguments(KycRefreshIn)
    @blp.response(201, AttemptOut)
    def post(self, body, customer_id):
        """Ask a provider again although its answer is still good: it is paid for again."""
        return service.refresh(customer_id, **body)
