"""Customers over the wire."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import marshmallow as ma

from app.core import clock
from app.core.http import Money, PageArgs, Schema
from app.core.personal import Masked, MaskedAccount, MaskedBirth, MaskedEmail, MaskedPan, MaskedPhone
from app.customers import papers
from app.customers.places import STATES, states_of
from app.customers.reveal import FIELDS
from app.kyc import validators

LIFE = timedelta(days=36_525)
RELATIONS = ["PARENT", "SPOUSE", "SIBLING", "RELATIVE", "FRIEND", "COLLEAGUE", "NEIGHBOUR"]
RESIDENCES = ["OWNED", "FAMILY", "RENTED", "COMPANY", "PG_OR_HOSTEL"]
MARITAL = ["SINGLE", "MARRIED", "DIVORCED", "WIDOWED", "SEPARATED"]
REFERENCES_MAX = 5

_line = ma.validate.Length(min=1, max=150)
_name = ma.validate.Length(min=2, max=100)


def _optional_line() -> ma.fields.String:
    return ma.fields.String(load_default="", validate=ma.validate.Length(max=150))


class AddressIn(Schema):
    """Where somebody lives. The pincode must lie in the state."""

    house = ma.fields.String(required=True, validate=_line)
    street = _optional_line()
    landmark = _optional_line()
    locality = _optional_line()
    town = ma.fields.String(required=True, validate=_line)
    state = ma.fields.String(
        required=True, validate=ma.validate.OneOf(STATES), metadata={"example": "Maharashtra"}
    )
    pincode = validators.Digits(required=True, validate=validators.pincode, metadata={"example": "411001"})

    @ma.validates_schema
    def _pincode_lies_in_the_state(self, data: dict[str, Any], **_: object) -> None:
        if data["state"] not in states_of(data["pincode"]):
            raise ma.ValidationError("The pincode is not in this state.", "state")


class CurrentAddressIn(AddressIn):
    residence = ma.fields.String(required=True, validate=ma.validate.OneOf(RESIDENCES))
    residing_since = ma.fields.Date(
        load_default=None, allow_none=True, metadata={"description": "the day since which they live there"}
    )

    @ma.validates("residing_since")
    def _has_begun(self, since: date | None, data_key: str) -> None:
        if since and not clock.today() - LIFE <= since <= clock.today():
            raise ma.ValidationError("A day that has been, of the last hundred years.")

    @ma.post_load
    def _as_kept(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        since = data.pop("residing_since")
        return data | ({"residing_since": since.isoformat()} if since else {})


class AreaOut(Schema):
    """As much of an address as is shown without a reason."""

    town = ma.fields.String()
    state = ma.fields.String()
    pincode = ma.fields.String()
    residence = ma.fields.String(metadata={"enum": RESIDENCES})


class AddressOut(Schema):
    house = ma.fields.String()
    street = ma.fields.String()
    landmark = ma.fields.String()
    locality = ma.fields.String()
    town = ma.fields.String()
    state = ma.fields.String()
    pincode = ma.fields.String()


class CurrentAddressOut(AddressOut):
    residence = ma.fields.String(metadata={"enum": RESIDENCES})
    residing_since = ma.fields.String(metadata={"format": "date"})


class EmployerIn(Schema):
    """Employment as the customer declares it."""

    employer_name = ma.fields.String(required=True, validate=_line)
    designation = ma.fields.String(required=True, validate=_line)
    office_email = ma.fields.Email(load_default=None, allow_none=True, validate=ma.validate.Length(max=200))
    office_phone = validators.Digits(load_default=None, allow_none=True, validate=validators.TELEPHONE)
    office_extension = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Regexp(r"^[0-9]{1,6}\Z", error="One to six digits."),
    )
    employer_address = ma.fields.Nested(AddressIn, load_default=None, allow_none=True)
    salary_day = ma.fields.Integer(
        required=True,
        validate=ma.validate.Range(min=1, max=31),
        metadata={"description": "the day of the month on which the salary comes"},
    )


class IdentityPaperIn(Schema):
    """Blanks and dashes in the number do not matter."""

    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(list(papers.KINDS)))
    number = validators.Upper(required=True, metadata={"example": papers.KINDS["PASSPORT"].example})
    issued_on = ma.fields.Date(load_default=None, allow_none=True)
    expires_on = ma.fields.Date(load_default=None, allow_none=True)

    @ma.post_load
    def _in_one_piece(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return data | {"number": _in_one_piece(data["number"])}

    @ma.validates_schema
    def _can_be(self, data: dict[str, Any], **_: object) -> None:
        form, issued, expires = papers.KINDS[data["kind"]], data["issued_on"], data["expires_on"]
        if not form.fits(_in_one_piece(data["number"])):
            raise ma.ValidationError(f"Written otherwise, for example {form.example}.", "number")
        if issued and issued > clock.today():
            raise ma.ValidationError("Not a day to come.", "issued_on")
        if issued and expires and expires <= issued:
            raise ma.ValidationError("Not before it was issued.", "expires_on")


def _in_one_piece(number: str) -> str:
    return number.replace(" ", "").replace("-", "")


def _no_two(name: str, message: str) -> Callable[[list[dict[str, Any]]], None]:
    """Of a list whose items are sound, as a validator of the field is asked and one of the schema is not."""

    def check(told: list[dict[str, Any]]) -> None:
        if len({one[name] for one in told}) < len(told):
            raise ma.ValidationError(message)

    return check


class IdentityPapersIn(Schema):
    """All of them: what was there before is replaced."""

    papers = ma.fields.List(
        ma.fields.Nested(IdentityPaperIn),
        required=True,
        validate=[ma.validate.Length(max=len(papers.KINDS)), _no_two("kind", "Two papers are of one kind.")],
    )


class IdentityPaperOut(Schema):
    kind = ma.fields.String(metadata={"enum": list(papers.KINDS)})
    number = MaskedAccount()
    issued_on = ma.fields.Date(allow_none=True)
    expires_on = ma.fields.Date(allow_none=True)


class ReferenceIn(Schema):
    name = ma.fields.String(required=True, validate=_name)
    relation = ma.fields.String(required=True, validate=ma.validate.OneOf(RELATIONS))
    phone = validators.Digits(required=True, validate=validators.PHONE)


class ReferencesIn(Schema):
    """All of them: what was there before is replaced."""

    references = ma.fields.List(
        ma.fields.Nested(ReferenceIn),
        required=True,
        validate=[
            ma.validate.Length(min=1, max=REFERENCES_MAX),
            _no_two("phone", "Two references have the same phone."),
        ],
    )


class ReferenceOut(Schema):
    """The phone is masked for everybody and cannot be revealed: references are never dialled for recovery."""

    name = ma.fields.String()
    relation = ma.fields.String(metadata={"enum": RELATIONS})
    phone = MaskedPhone()


class StaffReferenceOut(ReferenceOut):
    id = ma.fields.UUID()
    confirmed_at = ma.fields.AwareDateTime(allow_none=True)
    confirmed_by = ma.fields.String(allow_none=True)


class ConfirmIn(Schema):
    """How it was found out; it is read by whoever reviews the audit trail."""

    remark = ma.fields.String(required=True, validate=ma.validate.Length(min=5, max=500))


class CustomerOut(Schema):
    """As customers see themselves; the phone and PAN are masked all the same."""

    id = ma.fields.UUID()
    customer_no = ma.fields.String()
    phone = MaskedPhone()
    email = ma.fields.String(allow_none=True)
    name = ma.fields.String(allow_none=True)
    dob = ma.fields.Date(allow_none=True)
    gender = ma.fields.String(allow_none=True)
    pan = MaskedPan()
    aadhaar_last4 = ma.fields.String(allow_none=True)
    employment_type = ma.fields.String(allow_none=True)
    salary_mode = ma.fields.String(allow_none=True)
    declared_monthly_salary = Money(allow_none=True)
    alternate_phone = MaskedPhone()
    current_address = ma.fields.Nested(CurrentAddressOut, allow_none=True)
    employer_name = ma.fields.String(allow_none=True)
    designation = ma.fields.String(allow_none=True)
    office_email = ma.fields.String(allow_none=True)
    salary_day = ma.fields.Integer(allow_none=True)
    office_phone = MaskedPhone()
    office_extension = ma.fields.String(allow_none=True)
    employer_address = ma.fields.Nested(AddressOut, allow_none=True)
    father_name = ma.fields.String(allow_none=True)
    mother_name = ma.fields.String(allow_none=True)
    spouse_name = ma.fields.String(allow_none=True)
    marital_status = ma.fields.String(allow_none=True, metadata={"enum": MARITAL})
    home_phone = MaskedPhone()
    permanent_residence = ma.fields.String(allow_none=True, metadata={"enum": RESIDENCES})
    preferred_language = ma.fields.String(allow_none=True, metadata={"description": "of documents"})


class StaffCustomerOut(CustomerOut):
    """As staff of every role see customers; `reveal` gives what is masked to those who may. A mother's name is what
    banks ask to know somebody by."""

    email = MaskedEmail()
    dob = MaskedBirth()
    office_email = MaskedEmail()
    mother_name = Masked()
    current_address = ma.fields.Nested(AreaOut, allow_none=True)
    employer_address = ma.fields.Nested(AreaOut, allow_none=True)
    alternate_phone_confirmed_at = ma.fields.AwareDateTime(allow_none=True)


class RevealIn(Schema):
    """The reason is read by whoever reviews the audit trail."""

    fields = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(FIELDS)),
        required=True,
        validate=ma.validate.Length(min=1, max=len(FIELDS)),
    )
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=5, max=500))


class RevealedOut(Schema):
    """What was asked for, in full; null where we do not know it."""

    phone = ma.fields.String(allow_none=True)
    email = ma.fields.String(allow_none=True)
    pan = ma.fields.String(allow_none=True)
    dob = ma.fields.Date(allow_none=True)
    address = ma.fields.Dict(allow_none=True)
    current_address = ma.fields.Dict(attribute="currentAddress", allow_none=True)
    alternate_phone = ma.fields.String(attribute="alternatePhone", allow_none=True)
    office_email = ma.fields.String(attribute="officeEmail", allow_none=True)
    home_phone = ma.fields.String(attribute="homePhone", allow_none=True)
    office_phone = ma.fields.String(attribute="officePhone", allow_none=True)
    employer_address = ma.fields.Dict(attribute="employerAddress", allow_none=True)
    mother_name = ma.fields.String(attribute="motherName", allow_none=True)
    account_number = ma.fields.String(attribute="accountNumber", allow_none=True)


class ProfileIn(Schema):
    email = ma.fields.Email()
    employment_type = ma.fields.String(validate=ma.validate.OneOf(["SALARIED", "SELF_EMPLOYED", "OTHER"]))
    salary_mode = ma.fields.String(validate=ma.validate.OneOf(["BANK_TRANSFER", "CHEQUE", "CASH"]))
    declared_monthly_salary = Money(minimum=1)
    alternate_phone = validators.Digits(validate=validators.PHONE)
    father_name = ma.fields.String(allow_none=True, validate=_name)
    mother_name = ma.fields.String(allow_none=True, validate=_name)
    spouse_name = ma.fields.String(allow_none=True, validate=_name)
    marital_status = ma.fields.String(allow_none=True, validate=ma.validate.OneOf(MARITAL))
    home_phone = validators.Digits(
        allow_none=True, validate=validators.TELEPHONE, metadata={"description": "at home, also a landline"}
    )
    permanent_residence = ma.fields.String(
        allow_none=True,
        validate=ma.validate.OneOf(RESIDENCES),
        metadata={"description": "whose the house is that the Aadhaar names"},
    )
    preferred_language = ma.fields.String(
        validate=ma.validate.OneOf(["en", "hi"]),
        metadata={"description": "of documents; the brand's settings say which it offers"},
    )

    @ma.validates_schema
    def _who_is_single_has_no_spouse(self, data: dict[str, Any], **_: object) -> None:
        if data.get("marital_status") == "SINGLE" and data.get("spouse_name"):
            raise ma.ValidationError("Who is single has none.", "spouse_name")


class CustomerArgs(PageArgs):
    search = ma.fields.String(load_default=None, validate=ma.validate.Length(min=1, max=100))
