"""What Digitap knows of a mobile number: whose it is, their PAN, and where they live."""

from dataclasses import dataclass
from datetime import date

from app.providers.digitap.answers import GENDERS
from app.providers.fields import FieldError, Fields
from app.providers.wire import Answer

DATES = ("%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d")
# The names under which an address was seen or may be expected; the first that is there counts.
ADDRESS_NAMES = {
    "text": ("address", "full_address", "address_line", "line1"),
    "city": ("city", "district"),
    "state": ("state",),
    "pincode": ("pincode", "postal", "pin_code", "zip"),
    "kind": ("type", "address_type", "category"),
}


@dataclass(frozen=True)
class MobileAddress:
    """One address known for a number; any part may be empty."""

    text: str
    city: str
    state: str
    pincode: str
    kind: str


@dataclass(frozen=True)
class MobileIdentity:
    """Who a mobile number is registered to. pan is empty where none is known; gender is male, female, other or
    empty."""

    request_id: str
    name: str
    pan: str
    date_of_birth: date | None
    gender: str
    email: str
    addresses: tuple[MobileAddress, ...]


def read_identity(answer: Answer) -> MobileIdentity:
    """The `result` of a prefill."""
    result = answer.fields.child("result")
    return MobileIdentity(
        request_id=answer.fields.text("request_id", ""),
        name=result.identifier("name", ""),
        pan=_pan(result),
        date_of_birth=result.date("dob", *DATES, default=None),
        gender=GENDERS.get(result.text("gender", "").lower(), ""),
        email=result.text("email", ""),
        addresses=_addresses(result),
    )


def read_addresses(answer: Answer) -> tuple[MobileAddress, ...]:
    """The `result` of an address lookup: newest first as they give them."""
    return _addresses(answer.fields.child("result"))


def _pan(result: Fields) -> str:
    """The field, or where it is empty the document of that name."""
    documents = result.children("official_documents", [])
    listed = (d.text("document_id", "") for d in documents if d.text("document", "").upper() == "PAN")
    return (result.text("pan", "") or next(listed, "")).upper()


def _addresses(result: Fields) -> tuple[MobileAddress, ...]:
    listed = result.data.get("address") or result.data.get("addresses") or []
    if isinstance(listed, dict | str):
        listed = [listed]
    if not isinstance(listed, list):
        raise result.error("address", f"expected a list, got {type(listed).__name__}")
    return tuple(_address(item, f"{result.name('address')}[{number}]") for number, item in enumerate(listed))


def _address(item: object, path: str) -> MobileAddress:
    if isinstance(item, str):
        return MobileAddress(item, "", "", "", "")
    fields = Fields(item, path)
    found = {part: _first(fields, names) for part, names in ADDRESS_NAMES.items()}
    if not any(found.values()):
        raise FieldError(path, "has none of the names of an address")
    return MobileAddress(**found)


def _first(fields: Fields, names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := fields.identifier(name, ""))), "")
