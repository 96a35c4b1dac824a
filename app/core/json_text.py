"""JSON that others wrote: numbers digit for digit, each name of an object once.

A number may be as large and as small as a double. Beyond that nobody means it, and a few bytes (1e999999999) would be
gigabytes once they are written out.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

DIGITS_MAX = 400
EXPONENT_MAX = 308


def fraction(text: str) -> Decimal:
    """What stands there with a point or an exponent. Raises ValueError."""
    number = Decimal(_bounded(text))
    if abs(number.adjusted()) > EXPONENT_MAX:
        raise ValueError(f"Holds a number beyond 1e{EXPONENT_MAX}.")
    return number


def whole(text: str) -> int:
    """What stands there without. Raises ValueError."""
    return int(_bounded(text))


def named_once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object, of which readers would otherwise believe the first or the last of two. Raises ValueError."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f'Names "{name[:50]}" twice.')
        found[name] = value
    return found


def _bounded(text: str) -> str:
    if len(text) > DIGITS_MAX:
        raise ValueError(f"Holds a number of more than {DIGITS_MAX} digits.")
    return text
