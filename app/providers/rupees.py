"""What all money here is counted in, and which amounts of a gateway can be kept."""

from decimal import Decimal

from app.providers.fields import DECIMAL_END, FieldError

RUPEES = "INR"


class Unbookable(FieldError):
    """An amount that nothing here can keep, however often it is told. `code` is what is wrong with it."""

    code: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


class OtherCurrency(Unbookable):
    """An amount that is not in rupees."""

    code = "OTHER_CURRENCY"


class OddAmount(Unbookable):
    """An amount below zero."""

    code = "ODD_AMOUNT"


class TooLarge(Unbookable):
    """An amount beyond what our columns hold."""

    code = "TOO_LARGE"


# of what cannot be read at all: a field is missing, or of another kind
MALFORMED = "MALFORMED"
REFUSALS = (OtherCurrency.code, OddAmount.code, TooLarge.code, MALFORMED)
# an amount is read up to here, to say of it that it is too large
READ_END = 10**30


def booked_in_rupees(field: str, amount: Decimal, currency_field: str, currency: str) -> Decimal:
    """An amount that can be booked. Raises Unbookable."""
    if currency != RUPEES:
        raise OtherCurrency(currency_field, f"expected {RUPEES}, got {currency[:3]}")
    if amount < 0:
        raise OddAmount(field, "expected 0 or more")
    if amount >= DECIMAL_END:
        raise TooLarge(field, f"expected an amount below {DECIMAL_END}")
    return amount
