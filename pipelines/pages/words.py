"""Numbers as a page tells them: Indian grouping, lakh and crore, percent and points."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

__all__ = ["count", "day", "percent", "points", "rupees", "signed", "whole_rupees"]

_NOTHING = "-"
_LAKH, _CRORE = Decimal(10) ** 5, Decimal(10) ** 7


def count(number: int) -> str:
    """1234567 is 12,34,567."""
    digits = str(abs(number))
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ("-" if number < 0 else "") + ",".join([*pairs, tail])


def signed(number: int) -> str:
    """A change of a count, with its sign."""
    return f"+{count(number)}" if number > 0 else count(number) if number else "±0"


def percent(share: float | None, places: int = 1) -> str:
    """A share of 1 as percent."""
    return _NOTHING if share is None else f"{share * 100:.{places}f} %"


def points(change: float | None, places: int = 1) -> str:
    """The difference of two shares of 1, in percentage points."""
    if change is None:
        return _NOTHING
    text = f"{change * 100:+.{places}f}"
    return ("±" + text[1:] if not float(text[1:]) else text) + " pts"


def rupees(amount: str | Decimal | None) -> str:
    """An amount in lakh or crore when it is that large."""
    if amount is None:
        return _NOTHING
    number = Decimal(amount)
    size = abs(number)
    sign = "-" if number < 0 else ""
    for unit, name in ((_CRORE, "crore"), (_LAKH, "lakh")):
        if size >= unit:
            return f"{sign}₹{size / unit:.2f} {name}"
    return f"{sign}₹{count(int(size))}"


def whole_rupees(amount: str | Decimal) -> str:
    """An amount to the rupee, halves up, in Indian grouping: ₹1,25,000."""
    number = Decimal(amount)
    return f"{'-' if number < 0 else ''}₹{count(int(abs(number).quantize(Decimal(1), ROUND_HALF_UP)))}"


def day(text: str | None) -> str:
    """2026-01-31 as Indians write it: 31-01-2026."""
    return "-".join(reversed(text.split("-"))) if text else _NOTHING
