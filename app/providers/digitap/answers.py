"""What Digitap answers, as typed values, and how they are read from its JSON."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.providers.fields import Fields
from app.providers.money import PennyDrop
from app.providers.wire import Answer

PAN_DATE = "%d/%m/%Y"
AADHAAR_DATES = ("%d-%m-%Y", PAN_DATE)
EPFO_DATES = ("%Y-%m-%d", "%d-%m-%Y")
GENDERS = {
    "m": "male",
    "male": "male",
    "f": "female",
    "female": "female",
    "t": "other",
    "transgender": "other",
}


@dataclass(frozen=True)
class PanAddress:
    """Any part may be empty: the tax department often has none."""

    building_name: str
    street_name: str
    locality: str
    city: str
    state: str
    pincode: str
    country: str


@dataclass(frozen=True)
class PanDetails:
    """A PAN as the tax department has it. gender is male, female, other or empty;
    name_match_score (0-100) only where a name was sent."""

    request_id: str
    pan: str
    pan_type: str
    full_name: str
    first_name: str
    middle_name: str
    last_name: str
    gender: str
    date_of_birth: date
    masked_aadhaar: str
    aadhaar_linked: bool
    address: PanAddress
    mobile: str
    email: str
    name_match_score: Decimal | None


@dataclass(frozen=True)
class AadhaarOtp:
    """A started OTP verification; kept on our side until the OTP comes. Never shown to anybody."""

    transaction_id: str
    fwdp: str = field(repr=False)
    code_verifier: str = field(repr=False)


@dataclass(frozen=True)
class AadhaarAddress:
    house: str
    street: str
    landmark: str
    locality: str
    post_office: str
    town: str
    sub_district: str
    district: str
    state: str
    pincode: str
    country: str


@dataclass(frozen=True)
class AadhaarDetails:
    """A person as UIDAI has them. Some Aadhaars know the year of birth alone: date_of_birth is
    None then. photo is a JPEG."""

    reference: str
    name: str
    gender: str
    date_of_birth: date | None
    year_of_birth: int
    care_of: str
    masked_aadhaar: str
    address: AadhaarAddress
    photo: bytes | None = field(repr=False)
    xml_link: str
    pdf_link: str


@dataclass(frozen=True)
class Employer:
    """A stint at an establishment; left_on None while it lasts."""

    establishment_name: str
    establishment_id: str
    member_id: str
    joined_on: date | None
    left_on: date | None
    leave_reason: str


@dataclass(frozen=True)
class UanRecord:
    """One UAN: whose it is, the latest employer, and all of them (employment_history only)."""

    uan: str
    name: str
    gender: str
    date_of_birth: date | None
    employer: Employer | None
    history: tuple[Employer, ...]


@dataclass(frozen=True)
class Employment:
    """What EPFO knows. is_partial means that a source did not answer and history may be short."""

    request_id: str
    uans: tuple[str, ...]
    matching_uan: str | None
    is_employed: bool
    recent_employer: Employer | None
    records: tuple[UanRecord, ...]
    is_partial: bool


def read_pan_details(answer: Answer, pan: str) -> PanDetails:
    """The `result` of pan_details, which must be about the PAN that was asked for."""
    result = answer.fields.child("result")
    if result.text("pan").upper() != pan.upper():
        raise result.error("pan", "is not the PAN that was asked for")
    return PanDetails(
        request_id=answer.fields.text("request_id"),
        pan=pan.upper(),
        pan_type=result.text("pan_type", ""),
        full_name=result.identifier("fullname"),
        first_name=result.text("first_name", ""),
        middle_name=result.text("middle_name", ""),
        last_name=result.text("last_name", ""),
        gender=_gender(result),
        date_of_birth=result.date("dob", PAN_DATE),
        masked_aadhaar=result.text("aadhaar_number", ""),
        aadhaar_linked=result.boolean("aadhaar_linked"),
        address=_pan_address(result.child("address", Fields({}))),
        mobile=result.text("mobile", ""),
        email=result.text("email", ""),
        name_match_score=result.decimal("name_match_score", None),
    )


def _pan_address(address: Fields) -> PanAddress:
    names = ("building_name", "street_name", "locality", "city", "state", "pincode", "country")
    return PanAddress(**{name: address.text(name, "") for name in names})


def read_aadhaar_otp(answer: Answer) -> AadhaarOtp:
    """The `model` of an initiated OTP."""
    model = answer.fields.child("model")
    return AadhaarOtp(
        transaction_id=model.identifier("transactionId"),
        fwdp=model.text("fwdp"),
        code_verifier=model.text("codeVerifier"),
    )


def read_aadhaar_details(answer: Answer) -> AadhaarDetails:
    """The `model` of a submitted OTP."""
    model = answer.fields.child("model")
    born_on, birth_year = _birth(model)
    return AadhaarDetails(
        reference=model.text("uniqueId", ""),
        name=model.identifier("name"),
        gender=_gender(model),
        date_of_birth=born_on,
        year_of_birth=birth_year,
        care_of=model.text("careOf", ""),
        masked_aadhaar=model.identifier("maskedAdharNumber"),
        address=_aadhaar_address(model.child("address")),
        photo=_photo(model),
        xml_link=model.text("link", ""),
        pdf_link=model.text("pdfLink", ""),
    )


def _birth(model: Fields) -> tuple[date | None, int]:
    text = model.identifier("dob")
    if len(text) == 4 and text.isdigit():
        return None, int(text)
    born_on = model.date("dob", *AADHAAR_DATES)
    return born_on, born_on.year


def _aadhaar_address(address: Fields) -> AadhaarAddress:
    return AadhaarAddress(
        house=address.text("house", ""),
        street=address.text("street", ""),
        landmark=address.text("landmark", ""),
        locality=address.text("loc", ""),
        post_office=address.text("po", ""),
        town=address.text("vtc", ""),
        sub_district=address.text("subdist", ""),
        district=address.text("dist", ""),
        state=address.text("state", ""),
        pincode=address.identifier("pc", ""),
        country=address.text("country", ""),
    )


def _photo(model: Fields) -> bytes | None:
    return model.binary("image", None) or None


def read_penny_drop(answer: Answer) -> PennyDrop:
    """The `model` of a penny drop, first answer or status."""
    model = answer.fields.child("model")
    return PennyDrop(
        status=model.one_of("status", "SUCCESS", "FAILED", "PENDING"),
        transaction_id=model.identifier("transactionId"),
        reference=model.text("clientRefNum", ""),
        beneficiary_name=model.text("beneficiaryName", ""),
        is_name_match=model.boolean("isNameMatch", None),
        matching_score=model.decimal("matchingScore", None),
        rrn=model.identifier("rrn", ""),
        description=model.text("desc", ""),
    )


def read_employment(answer: Answer) -> Employment:
    """The `result` of any UAN lookup, v1 to v5."""
    result = answer.fields.child("result")
    summary = result.child("summary")
    recent = summary.child("recent_employer_data", None)
    details = result.child("uan_details", Fields({}))
    return Employment(
        request_id=answer.fields.text("request_id"),
        uans=tuple(result.texts("uan")),
        # v3 keeps it with the employer, v4 and v5 beside it.
        matching_uan=summary.text("matching_uan", None)
        or (recent.text("matching_uan", None) if recent else None),
        is_employed=summary.boolean("is_employed"),
        recent_employer=_employer(recent),
        records=tuple(_uan_record(details.child(uan), uan) for uan in details.data),
        is_partial=result.boolean("partial_output", False),
    )


def _uan_record(record: Fields, uan: str) -> UanRecord:
    basic = record.child("basic_details")
    history = record.children("employment_history", [])
    return UanRecord(
        uan=uan,
        name=basic.text("name", ""),
        gender=_gender(basic),
        date_of_birth=basic.date("date_of_birth", *EPFO_DATES, default=None),
        employer=_employer(record.child("employment_details", None)),
        history=tuple(employer for stint in history if (employer := _employer(stint))),
    )


def _employer(stint: Fields | None) -> Employer | None:
    if stint is None or not stint.text("establishment_name", ""):
        return None
    return Employer(
        establishment_name=stint.text("establishment_name"),
        establishment_id=stint.text("establishment_id", ""),
        member_id=stint.text("member_id", ""),
        joined_on=stint.date("date_of_joining", *EPFO_DATES, default=None),
        left_on=stint.date("date_of_exit", *EPFO_DATES, default=None),
        leave_reason=stint.text("leave_reason", ""),
    )


def _gender(fields: Fields) -> str:
    return GENDERS.get(fields.text("gender", "").lower(), "")
