"""Exact money. Rupees are Decimal with two places, halves round up as lenders do, never to even."""

from decimal import ROUND_HALF_UP, Decimal

PAISA = Decimal("0.01")
RUPEE = Decimal(1)
ZERO = Decimal("0.00")


def rupees(amount: Decimal | int | str) -> Decimal:
    """`amount` to the paisa. A float is refused: it has already lost the exact value."""
    if isinstance(amount, float):
        raise TypeError("money is never a float")
    return Decimal(amount).quantize(PAISA, ROUND_HALF_UP)


def charged(amount: Decimal, step: Decimal = RUPEE) -> Decimal:
    """`amount` as charged to a customer: to a multiple of `step`, a power of ten (10 % of 12,345 is 1,235)."""
    return rupees(Decimal(amount).quantize(step, ROUND_HALF_UP))
