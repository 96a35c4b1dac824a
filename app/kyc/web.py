"""KYC in the customer app."""

import marshmallow as ma
from flask.views import MethodView
from flask_smorest import Blueprint

from app.access import customer, sent_back
from app.documents import service as documents
from app.documents.schemas import DocumentOut
from app.kyc import service
from app.kyc.returning import came_back
from app.kyc.schemas import (
    AadhaarIn,
    BankAccountCheckOut,
    BankAccountIn,
    CameBackArgs,
    CheckOut,
    DocumentFiles,
    DocumentForm,
    EmploymentIn,
    EmploymentOut,
    IdentityOut,
    KycOut,
    OnboardingOut,
    OtpIn,
    OtpSentOut,
    PanIn,
    PanOut,
    UpiIdIn,
    UpiIdOut,
    VisitOut,
)

blp = Blueprint("kyc", __name__, description="Who the customer is, step by step")


@blp.route("/web/onboarding")
class Onboarding(MethodView):
    @customer
    @blp.response(200, OnboardingOut)
    def get(self, customer_id):
        """What is needed next, and why."""
        return service.onboarding(customer_id)


@blp.route("/web/kyc")
class Kyc(MethodView):
    @customer
    @blp.response(200, KycOut)
    def get(self, customer_id):
        """What is done."""
        return service.describe(customer_id)


@blp.route("/web/kyc/verify-pan")
class VerifyPan(MethodView):
    @customer
    @blp.arguments(PanIn)
    @blp.response(200, PanOut)
    def post(self, body, customer_id):
        """Look the PAN up; name and date of birth are filled in from it."""
        return service.verify_pan(customer_id, **body)


@blp.route("/web/kyc/verify-mobile")
class VerifyMobile(MethodView):
    @customer
    @blp.response(200, CheckOut(many=True))
    def post(self, customer_id):
        """Look up the PAN and the address that the phone is known under."""
        return service.verify_mobile(customer_id)


@blp.route("/web/kyc/initiate-aadhaar-otp")
class InitiateAadhaarOtp(MethodView):
    @customer
    @blp.arguments(AadhaarIn)
    @blp.response(200, OtpSentOut)
    def post(self, body, customer_id):
        """Have a code sent to the mobile that is linked to the Aadhaar. The number is not kept."""
        return service.initiate_aadhaar_otp(customer_id, **body)


@blp.route("/web/kyc/submit-aadhaar-otp")
class SubmitAadhaarOtp(MethodView):
    @customer
    @blp.arguments(OtpIn)
    @blp.response(200, IdentityOut)
    def post(self, body, customer_id):
        """Prove the Aadhaar with the code; name, address and photo come from it."""
        return service.submit_aadhaar_otp(customer_id, **body)


@blp.route("/web/kyc/digilocker")
class Digilocker(MethodView):
    @customer
    @blp.response(201, VisitOut)
    def post(self, customer_id):
        """Begin at DigiLocker: the page to open, unless the identity is proven already."""
        return service.start_digilocker(customer_id)


@blp.route("/web/kyc/digilocker/callback")
class DigilockerCallback(MethodView):
    @sent_back(service.whose_state)
    @blp.arguments(CameBackArgs, location="query", unknown=ma.EXCLUDE)
    @blp.response(200, VisitOut)
    @blp.alt_response(303, description="to the brand's `onboarding.returnUrl`, with ?digilocker=<status>")
    def get(self, args, customer_id):
        """Where DigiLocker sends the customer's browser back to; each state is good once."""
        return came_back(service.finish_digilocker(**args))


@blp.route("/web/kyc/documents")
class Documents(MethodView):
    @customer
    @blp.response(200, DocumentOut(many=True))
    def get(self, customer_id):
        """The customer's documents and what staff said of them."""
        return documents.of_customer(customer_id)

    @customer
    @blp.arguments(DocumentForm, location="form")
    @blp.arguments(DocumentFiles, location="files")
    @blp.response(201, DocumentOut)
    def post(self, form, files, customer_id):
        """Upload a picture or a scan; it waits for staff to look at it."""
        file = files["file"]
        return documents.store(customer_id, form["kind"], file.read(), file.mimetype)


@blp.route("/web/kyc/bank-account")
class BankAccount(MethodView):
    @customer
    @blp.arguments(BankAccountIn)
    @blp.response(201, BankAccountCheckOut)
    def post(self, body, customer_id):
        """Prove an account of one's own by a rupee sent to it. PENDING while the bank has not answered."""
        return service.add_bank_account(customer_id, **body)


@blp.route("/web/kyc/upi-id")
class UpiId(MethodView):
    @customer
    @blp.arguments(UpiIdIn)
    @blp.response(201, UpiIdOut)
    def post(self, body, customer_id):
        """Name a UPI id of one's own, to be paid there. Its bank is asked whose it is."""
        return service.add_upi_id(customer_id, **body)


@blp.route("/web/kyc/employment")
class Employment(MethodView):
    @customer
    @blp.arguments(EmploymentIn)
    @blp.response(201, EmploymentOut)
    def post(self, body, customer_id):
        """Look up the employers behind the phone, the PAN and, where given, the UAN."""
        return service.look_up_employment(customer_id, **body)
