"""Identifiers checked at the edge, with their check digits. No message repeats the value: it is personal."""

import marshmallow as ma
from stdnum.in_ import aadhaar as aadhaar_number

# The fourth letter says what the holder is: P is a person, and only persons borrow here.
PAN = ma.validate.Regexp(
    r"^[A-Z]{3}P[A-Z][0-9]{4}[A-Z]\Z",
    error="A PAN of a person has five letters of which the fourth is P, four digits and a letter.",
)
IFSC = ma.validate.Regexp(
    r"^[A-Z]{4}0[A-Z0-9]{6}\Z", error="An IFSC has four letters, a zero, and six letters or digits."
)
UAN = ma.validate.Regexp(r"^[1-9][0-9]{11}\Z", error="A UAN has 12 digits.")
ACCOUNT_NUMBER = ma.validate.Regexp(r"^[0-9]{9,18}\Z", error="An account number has 9 to 18 digits.")
OTP = ma.validate.Regexp(r"^[0-9]{6}\Z", error="The code has six digits.")


def aadhaar(value: str) -> None:
    """Twelve digits, not starting with 0 or 1, with the right Verhoeff check digit."""
    if not (value.isascii() and aadhaar_number.is_valid(value)):
        raise ma.ValidationError("This is not an Aadhaar number; please check the digits.")


class Upper(ma.fields.String):
    """A code that people also type in small letters and with blanks around it."""

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        return super()._deserialize(value, *args, **kwargs).strip().upper()


class Digits(ma.fields.String):
    """A number that people also type in groups: `2341 2341 2346`."""

    def _deserialize(self, value: object, *args: object, **kwargs: object) -> str:
        return super()._deserialize(value, *args, **kwargs).replace(" ", "").replace("-", "")
