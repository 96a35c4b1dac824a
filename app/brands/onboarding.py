"""What a brand asks of a customer before it decides: the steps, the routes to an identity, and how long an answer is
good."""

from typing import Any

import marshmallow as ma

from app.core.http import Schema

# In the order in which they are taken.
STEPS = (
    "CONSENT",
    "PAN",
    "MOBILE",
    "IDENTITY",
    "DOCUMENTS",
    "FACE_MATCH",
    "PROFILE",
    "ADDRESS",
    "EMPLOYER",
    "REFERENCES",
    "BANK_ACCOUNT",
    "EMPLOYMENT",
    "APPLICATION",
)
ALWAYS = ("CONSENT", "PAN", "IDENTITY", "APPLICATION")
IDENTITY_ROUTES = ("AADHAAR_OTP", "DIGILOCKER", "DOCUMENTS")
DOCUMENTS = ("PAN_CARD", "AADHAAR_FRONT", "AADHAAR_BACK", "SELFIE", "SALARY_SLIP")
KYC_PROVIDERS = ("digitap",)
ACCOUNT_VALIDATORS = ("digitap", "razorpay", "cashfree")
LOCKERS = ("digilocker", "digitap")
UPI_VALIDATORS = ("razorpay", "cashfree")
DAYS_MAX = 3650


def _some_of(names: tuple[str, ...], default: tuple[str, ...]) -> ma.fields.List:
    return ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(names)), load_default=lambda: list(default)
    )


def _refuse_twice(names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise ma.ValidationError("Names the same twice.")


def _days(default: int) -> ma.fields.Integer:
    return ma.fields.Integer(load_default=default, validate=ma.validate.Range(min=1, max=DAYS_MAX))


class OnboardingPolicy(Schema):
    """`steps` are taken in the order of the platform, whatever their order here. Each of `identityRoutes` proves who
    the customer is: a code to the Aadhaar's mobile, DigiLocker, or documents that staff read."""

    steps = _some_of(STEPS, STEPS)
    identity_routes = _some_of(IDENTITY_ROUTES, IDENTITY_ROUTES)
    documents = _some_of(DOCUMENTS, ("PAN_CARD", "SELFIE"))
    references = ma.fields.Integer(load_default=2, validate=ma.validate.Range(min=1, max=5))
    return_url = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Regexp(r"^https://[^\s]{1,300}\Z"),
        metadata={
            "description": "the page of the app that DigiLocker leads back to; null: the answer is JSON"
        },
    )

    @ma.validates("steps", "identity_routes", "documents")
    def _names_each_once(self, names: list[str], data_key: str) -> None:
        _refuse_twice(names)

    @ma.validates("steps")
    def _has_what_nobody_can_do_without(self, steps: list[str], data_key: str) -> None:
        absent = [step for step in ALWAYS if step not in steps]
        if absent:
            raise ma.ValidationError(f"Cannot do without {', '.join(absent)}.")

    @ma.validates("identity_routes")
    def _offers_a_way(self, routes: list[str], data_key: str) -> None:
        if not routes:
            raise ma.ValidationError("Offer one way at least.")

    @ma.validates_schema
    def _has_a_face_to_match(self, data: dict[str, Any], **_: Any) -> None:
        if "FACE_MATCH" in data["steps"] and "DOCUMENTS" not in data["steps"]:
            raise ma.ValidationError({"steps": ["FACE_MATCH needs the selfie of DOCUMENTS."]})
        if "FACE_MATCH" in data["steps"] and "SELFIE" not in data["documents"]:
            raise ma.ValidationError({"documents": ["FACE_MATCH needs a SELFIE."]})


class GoodDays(Schema):
    """For how many days what a provider answered counts; after them it is asked again, and paid for again."""

    pan = _days(365)
    mobile_to_pan = _days(90)
    mobile_to_address = _days(90)
    aadhaar = _days(DAYS_MAX)
    bank_account = _days(365)
    employment = _days(90)


class Fallbacks(Schema):
    """Who is asked, in this order, while the chosen provider of a capability is silent or answers nonsense."""

    kyc = _some_of(KYC_PROVIDERS, ())
    account_validation = _some_of(ACCOUNT_VALIDATORS, ())
    upi_validation = _some_of(UPI_VALIDATORS, ())

    @ma.validates("kyc", "account_validation", "upi_validation")
    def _names_each_once(self, names: list[str], data_key: str) -> None:
        _refuse_twice(names)
