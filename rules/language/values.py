"""Values that rules work on: exact numbers, what is unknown, and how both are written down."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from functools import reduce
from typing import Any, NoReturn

# One context for all arithmetic, so that no caller's decimal settings can change a decision. Numbers
# of more than 60 digits are an overflow: no amount is, and nothing has to print one.
ARITHMETIC = Context(
    prec=34, rounding=ROUND_HALF_UP, Emin=-60, Emax=60, traps=[InvalidOperation, DivisionByZero, Overflow]
)
_DISPLAY = Context(prec=80, rounding=ROUND_HALF_UP)

Value = int | Decimal | str | bool | date | tuple


class Unknown:
    """A value that is not known, and why. Whatever is worked out from it is unknown as well.

    Comparing or reckoning with an Unknown gives an Unknown. `&` is false beside a false and `|` is true
    beside a true (three-valued logic), `^ True` is `not`. Asking whether it is true is an error, so that
    no line of code can take it for "no".

    `absent` tells a value that nobody supplied from one that was there but could not be used
    (wrong type, out of range, division by zero): only the first may be ignored by a rule.
    """

    __slots__ = ("absent", "why")

    def __init__(self, why: str, *, absent: bool = False) -> None:
        self.why = why
        self.absent = absent

    def combine(self, other: Any) -> Unknown:
        """The graver of two unknowns: one that may not be ignored wins."""
        return other if type(other) is Unknown and self.absent and not other.absent else self

    def both(self, other: Any) -> Any:
        return False if other is False else self.combine(other)

    def either(self, other: Any) -> Any:
        return True if other is True else self.combine(other)

    __and__ = __rand__ = both
    __or__ = __ror__ = either
    __xor__ = __rxor__ = combine
    __lt__ = __le__ = __gt__ = __ge__ = combine
    __eq__ = __ne__ = combine  # type: ignore[assignment]

    def __hash__(self) -> int:
        return id(self)

    def __index__(self) -> int:
        """As an index into a triple of (when false, when true, when unknown)."""
        return 2

    def __bool__(self) -> NoReturn:
        raise TypeError(f"neither true nor false: {self.why}")

    def __repr__(self) -> str:
        return f"Unknown({self.why!r})"


def absent(name: str) -> Unknown:
    """The unknown for an input that was not supplied."""
    return Unknown(f"{name} is missing", absent=True)


def round_half_up(number: int | Decimal, places: int = 0) -> Decimal:
    """Round as lenders do: 1,234.5 becomes 1,235 (never to the nearest even)."""
    return ARITHMETIC.quantize(Decimal(number), Decimal(1).scaleb(-places))


def total(numbers: Iterable[int | Decimal]) -> Decimal:
    """The exact sum."""
    return reduce(ARITHMETIC.add, numbers, Decimal(0))


def floor_to(number: int | Decimal, step: int | Decimal) -> Decimal:
    """The largest whole multiple of `step` that is not above `number`."""
    steps = ARITHMETIC.divide(Decimal(number), Decimal(step)).to_integral_value(ROUND_FLOOR)
    return ARITHMETIC.multiply(steps, Decimal(step))


def canonical(value: Any) -> Any:
    """A value as JSON keeps it: decimals and dates as text, unknown as null."""
    kind = type(value)
    if kind is int or kind is str or kind is bool:
        return value
    if kind is Decimal:
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [canonical(item) for item in value]
    return None


def _grouped(digits: str) -> str:
    """Digits with Indian grouping: 1234567 -> 12,34,567."""
    head, tail = digits[:-3], digits[-3:]
    pairs = []
    while head:
        pairs.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*pairs, tail])


_CENT = Decimal("0.01")


def _plain(number: Decimal) -> str:
    return str(_DISPLAY.quantize(number, _CENT)).rstrip("0").rstrip(".")


def _money(number: Decimal) -> str:
    sign = "-" if number < 0 else ""
    whole, _, paise = str(_DISPLAY.quantize(number, _CENT).copy_abs()).partition(".")
    return f"{sign}₹{_grouped(whole)}" + ("" if paise == "00" else f".{paise}")


def shown(value: Any, style: str = "") -> str:
    """A value as a reason text shows it; style is "", "money" or "percent"."""
    kind = type(value)
    if kind is int or kind is Decimal:
        if style == "money":
            return _money(Decimal(value))
        text = str(value) if kind is int else _plain(value)
        return f"{text}%" if style == "percent" else text
    if kind is bool:
        return "yes" if value else "no"
    if kind is tuple:
        return ", ".join(shown(item, style) for item in value)
    return "unknown" if kind is Unknown or value is None else str(value)
