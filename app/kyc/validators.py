"""Identifiers checked at the edge, with their check digits. No message repeats the value: it is personal.

PAN and UAN have no check digit that anybody has published: their form is all there is to check.
"""

import re

import marshmallow as ma
from stdnum.in_ import aadhaar as aadhaar_number
from stdnum.in_ import pan as pan_number

from app.customers.places import states_of

IFSC = ma.validate.Regexp(
    r"^[A-Z]{4}0[A-Z0-9]{6}\Z", error="An IFSC has four letters, a zero, and six letters or digits."
)
UAN = ma.validate.Regexp(r"^[1-9][0-9]{11}\Z", error="A UAN has 12 digits.")
ACCOUNT_NUMBER = ma.validate.Regexp(r"^[0-9]{9,18}\Z", error="An account number has 9 to 18 digits.")
# Source: NPCI's form of an address; Cashfree takes letters, digits, `.`, `-` and `_` before the handle.
VPA = ma.validate.Regexp(
    r"^[a-z0-9._-]{2,256}@[a-z][a-z0-9]{1,63}\Z",
    error="A UPI id reads name@handle, such as asha.verma@okaxis.",
)
OTP = ma.validate.Regexp(r"^[0-9]{6}\Z", error="The code has six digits.")
PHONE = ma.validate.Regexp(
    r"^[6-9][0-9]{9}\Z", error="A mobile number has ten digits and starts with 6 to 9."
)
TELEPHONE = ma.validate.Regexp(
    r"^[1-9][0-9]{9}\Z",
    error="A telephone number has ten digits: the area code, without the 0 before it, first.",
)
LAST_FOUR = ma.validate.Regexp(r"^[0-9]{4}\Z", error="The last four digits, and no more.")


def pan(value: str) -> None:
    """A PAN of a person, P in the fourth place: only persons borrow here."""
    if not (_is_plain(value) and pan_number.is_valid(value) and value[3] == "P"):
        raise ma.ValidationError(
            "A PAN of a person has five letters of which the fourth is P, four digits and a letter."
        )


def aadhaar(value: str) -> None:
    """Twelve digits, not starting with 0 or 1, with the right Verhoeff check digit."""
    if not (_is_plain(value) and aadhaar_number.is_valid(value)):
        raise ma.ValidationError("This is not an Aadhaar number; please check the digits.")


def pincode(value: str) -> None:
    """Six digits of which the first two name a postal circle."""
    if not re.fullmatch(r"[1-9][0-9]{5}", value, re.ASCII) or not states_of(value):
        raise ma.ValidationError("This is not a pincode of India; please check the digits.")


def _is_plain(value: str) -> bool:
    """Letters and digits of ours alone: the libraries forgive blanks, and other scripts have digits too."""
    return value.isascii() and value.isalnum()


class Upper(ma.fields.String):
    """A code that people also type in small letters and with blanks around it."""

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        return super()._deserialize(value, *args, **kwargs).strip().upper()


class Lower(ma.fields.String):
    """An address that people also type in capitals and with blanks around it."""

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        return super()._deserialize(value, *args, **kwargs).strip().lower()


class Digits(ma.fields.String):
    """A number that people also type in groups: `2341 2341 2346`."""

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        return super()._deserialize(value, *args, **kwargs).replace(" ", "").replace("-", "")
