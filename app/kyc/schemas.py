"""KYC over the wire. Numbers of identities and accounts go in, and never come back whole."""

from datetime import date

import marshmallow as ma
from flask_smorest.fields import Upload

from app.brands.onboarding import IDENTITY_ROUTES, STEPS
from app.core import clock
from app.core.http import Money, Schema
from app.core.personal import MaskedAccount, MaskedVpa
from app.customers.schemas import AddressIn, CustomerOut, StaffCustomerOut
from app.documents.schemas import DocumentOut
from app.kyc import validators
from app.kyc.attempts import KINDS, PENDING, REJECTED, VERIFIED
from app.kyc.bank_accounts import ACCOUNT_TYPES
from app.kyc.refreshing import ASKS
from app.providers import OUTCOMES

BORN_FIRST = date(1900, 1, 1)
STATUSES = [PENDING, VERIFIED, REJECTED]
UPLOADS = ["PAN_CARD", "AADHAAR", "AADHAAR_FRONT", "AADHAAR_BACK", "SELFIE", "SALARY_SLIP"]


class PanIn(Schema):
    pan = validators.Upper(required=True, validate=validators.pan)


class AadhaarIn(Schema):
    aadhaar = validators.Digits(required=True, load_only=True, validate=validators.aadhaar)


class OtpIn(Schema):
    otp = ma.fields.String(required=True, load_only=True, validate=validators.OTP)


class BankAccountIn(Schema):
    account_number = validators.Digits(required=True, validate=validators.ACCOUNT_NUMBER)
    ifsc = validators.Upper(required=True, validate=validators.IFSC)


class UpiIdIn(Schema):
    vpa = validators.Lower(required=True, validate=validators.VPA, metadata={"example": "asha.verma@okaxis"})


class UpiIdOut(Schema):
    id = ma.fields.UUID()
    vpa = MaskedVpa()
    verified = ma.fields.Boolean()
    created_at = ma.fields.AwareDateTime()


class StaffUpiIdOut(UpiIdOut):
    """With what the bank said of the holder."""

    holder_name = ma.fields.String(allow_none=True)
    name_match_percent = ma.fields.Integer(allow_none=True)


class EmploymentIn(Schema):
    uan = validators.Digits(load_default=None, allow_none=True, validate=validators.UAN)


class DocumentForm(Schema):
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(UPLOADS))


class DocumentFiles(Schema):
    file = Upload(required=True)


class CheckOut(Schema):
    """One attempt. PENDING: a code was sent, or the provider has not answered."""

    kind = ma.fields.String(metadata={"enum": list(KINDS)})
    status = ma.fields.String(metadata={"enum": STATUSES})
    reason = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class IdentityOut(Schema):
    """A person as the issuer of the paper has them; empty while the check is not concluded."""

    status = ma.fields.String(metadata={"enum": STATUSES})
    name = ma.fields.String(attribute="result.name")
    date_of_birth = ma.fields.String(attribute="result.date_of_birth", allow_none=True)


class PanOut(IdentityOut):
    gender = ma.fields.String(attribute="result.gender")
    aadhaar_linked = ma.fields.Boolean(attribute="result.aadhaar_linked")


class OtpSentOut(Schema):
    """PENDING: the code is on its way. VERIFIED: it was proven before, no code is needed."""

    status = ma.fields.String(metadata={"enum": STATUSES})


class VisitOut(Schema):
    """STARTED: open the page. VERIFIED: proven. DENIED and FAILED say why; begin again, or choose another way."""

    status = ma.fields.String(metadata={"enum": ["STARTED", VERIFIED, "DENIED", "FAILED"]})
    authorise_url = ma.fields.URL(allow_none=True, metadata={"format": "uri"})
    reason = ma.fields.String(allow_none=True)


class CameBackArgs(Schema):
    """What DigiLocker adds to our address; whatever else it adds is of no meaning to us."""

    state = ma.fields.String(required=True, validate=ma.validate.Length(max=200))
    code = ma.fields.String(load_default=None, load_only=True, validate=ma.validate.Length(max=500))
    error = ma.fields.String(load_default=None, validate=ma.validate.Length(max=100))


class BankAccountOut(Schema):
    account_last4 = ma.fields.String()
    ifsc = ma.fields.String()
    verified = ma.fields.Boolean()
    created_at = ma.fields.AwareDateTime()


class BankAccountCheckOut(Schema):
    """PENDING while the bank has not answered."""

    status = ma.fields.String(metadata={"enum": STATUSES})
    account_last4 = ma.fields.String()
    ifsc = ma.fields.String()
    verified = ma.fields.Boolean()
    name_match_percent = ma.fields.Integer(allow_none=True)


class StaffBankAccountOut(BankAccountOut):
    """With what the bank said of the holder; a customer does not learn whose other people's accounts are."""

    holder_name = ma.fields.String(allow_none=True)
    name_match_percent = ma.fields.Integer(allow_none=True)
    account_type = ma.fields.String(allow_none=True, metadata={"enum": ACCOUNT_TYPES})
    branch = ma.fields.String(allow_none=True)


class EmploymentOut(Schema):
    uan = MaskedAccount()
    employer_name = ma.fields.String(allow_none=True)
    joining_date = ma.fields.Date(allow_none=True)
    exit_date = ma.fields.Date(allow_none=True)
    is_current = ma.fields.Boolean()


class KycOut(Schema):
    """What is done: of each kind the attempt that counts, and what came of it."""

    customer = ma.fields.Nested(CustomerOut)
    checks = ma.fields.List(ma.fields.Nested(CheckOut))
    bank_accounts = ma.fields.List(ma.fields.Nested(BankAccountOut))
    upi_ids = ma.fields.List(ma.fields.Nested(UpiIdOut))
    employments = ma.fields.List(ma.fields.Nested(EmploymentOut))
    documents = ma.fields.List(ma.fields.Nested(DocumentOut))


class SilenceOut(Schema):
    provider = ma.fields.String()
    outcome = ma.fields.String(metadata={"enum": list(OUTCOMES)})


class AttemptOut(CheckOut):
    """`provider` is who answered, `tried` who was asked before and did not; `consentId` is what allowed it."""

    id = ma.fields.UUID()
    provider = ma.fields.String()
    tried = ma.fields.List(ma.fields.Nested(SilenceOut))
    consent_id = ma.fields.UUID(allow_none=True)
    refresh_reason = ma.fields.String(allow_none=True)
    superseded = ma.fields.Boolean()


class VisitPaperOut(Schema):
    kind = ma.fields.String()
    document_id = ma.fields.UUID(attribute="documentId")


class StaffVisitOut(Schema):
    """One visit to DigiLocker, and what was read there."""

    status = ma.fields.String(metadata={"enum": ["STARTED", "DENIED", "FAILED", "FETCHED"]})
    reason = ma.fields.String(allow_none=True)
    documents = ma.fields.List(ma.fields.Nested(VisitPaperOut))
    created_at = ma.fields.AwareDateTime()
    finished_at = ma.fields.AwareDateTime(allow_none=True)


class StaffKycOut(KycOut):
    """With every attempt, oldest first."""

    customer = ma.fields.Nested(StaffCustomerOut)
    bank_accounts = ma.fields.List(ma.fields.Nested(StaffBankAccountOut))
    upi_ids = ma.fields.List(ma.fields.Nested(StaffUpiIdOut))
    attempts = ma.fields.List(ma.fields.Nested(AttemptOut))
    digilocker_visits = ma.fields.List(ma.fields.Nested(StaffVisitOut))


class ReviewIn(Schema):
    """A rejection says why: the customer reads it. Of an Aadhaar, `isMasked` says whether its first eight digits
    cannot be read: it is good only then, and erased where they can."""

    status = ma.fields.String(required=True, validate=ma.validate.OneOf([VERIFIED, REJECTED]))
    remark = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=500))
    is_masked = ma.fields.Boolean(load_default=None, allow_none=True)
    net_salary = Money(
        load_default=None, allow_none=True, minimum=1, metadata={"description": "as read on a salary slip"}
    )
    salary_month = ma.fields.Date(
        load_default=None, allow_none=True, metadata={"description": "any day of the month that it is of"}
    )

    @ma.validates_schema
    def a_rejection_says_why(self, data: dict, **_: object) -> None:
        if data["status"] == REJECTED and not data["remark"]:
            raise ma.ValidationError("Say what is wrong with the document.", "remark")
        if data["salary_month"] and data["salary_month"] > clock.today():
            raise ma.ValidationError("Not a month to come.", "salary_month")


class ReadIdentityIn(Schema):
    """An identity as it stands on the documents."""

    name = ma.fields.String(required=True, validate=ma.validate.Length(min=2, max=150))
    date_of_birth = ma.fields.Date(required=True, metadata={"example": "1990-05-17"})
    gender = ma.fields.String(required=True, validate=ma.validate.OneOf(["male", "female", "other"]))
    aadhaar_last4 = ma.fields.String(
        required=True, validate=validators.LAST_FOUR, metadata={"example": "2346"}
    )
    address = ma.fields.Nested(AddressIn, required=True)
    remark = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=500))

    @ma.validates("date_of_birth")
    def _is_of_somebody_alive(self, born: date, data_key: str) -> None:
        if not BORN_FIRST <= born < clock.today():
            raise ma.ValidationError("This is nobody's date of birth.")


class FaceIn(Schema):
    """Whether selfie and photo show one person; if not, the remark is read by the customer."""

    matches = ma.fields.Boolean(required=True)
    remark = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(min=1, max=500))

    @ma.validates_schema
    def _a_no_says_why(self, data: dict, **_: object) -> None:
        if not data["matches"] and not data["remark"]:
            raise ma.ValidationError("Say what is wrong with the selfie.", "remark")


class KycRefreshIn(Schema):
    """Which answer is bought again, and why."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(list(ASKS)))
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=5, max=500))


class RouteOut(Schema):
    route = ma.fields.String(metadata={"enum": list(IDENTITY_ROUTES)})
    call = ma.fields.String()


class StepOut(Schema):
    step = ma.fields.String(metadata={"enum": list(STEPS)})
    call = ma.fields.String(metadata={"description": "the request that takes this step"})
    done = ma.fields.Boolean()
    why = ma.fields.String(allow_none=True)
    waits_for = ma.fields.String(allow_none=True, metadata={"enum": ["CUSTOMER", "STAFF", None]})
    routes = ma.fields.List(
        ma.fields.Nested(RouteOut), metadata={"description": "the ways that the brand offers, for IDENTITY"}
    )


class OnboardingOut(Schema):
    """`next` is the first step that waits for the customer; null when none does."""

    percent = ma.fields.Integer()
    next = ma.fields.Nested(StepOut, allow_none=True)
    steps = ma.fields.List(ma.fields.Nested(StepOut))
