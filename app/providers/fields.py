"""Typed reading of a provider's JSON: every surprise names its field.

`Fields({"result": {"dob": "01/01/1990"}}).child("result").date("dob", "%d/%m/%Y")`

A getter without a default demands the field; with one, an absent or null field (and an empty
text, where a text cannot be the value) gives the default. What no column of ours could keep never gets
past a getter: of a text such characters are left out, and numbers and instants have bounds.
"""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

T = TypeVar("T")
_REQUIRED: Any = object()
# rupees as our columns hold them, and the same in paise
DECIMAL_END, INTEGER_END = 10**12, 10**14
UNIX_END_S = 7_258_118_400  # the year 2200
_UNKEPT = re.compile("[\0\ud800-\udfff]")


class FieldError(Exception):
    """One field of an answer is absent or of the wrong kind; the client adds who answered."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


class Fields:
    """One JSON object of an answer, and where it stands in the whole."""

    def __init__(self, data: Any, path: str = "") -> None:
        if not isinstance(data, Mapping):
            raise FieldError(path or "body", f"expected an object, got {type(data).__name__}")
        self.data: Mapping[str, Any] = data
        self.path = path

    def name(self, field: str) -> str:
        """The full path of a field, for messages: `result.address.city`."""
        return f"{self.path}.{field}" if self.path else field

    def has(self, field: str) -> bool:
        return self.data.get(field) is not None

    def text(self, field: str, default: T = _REQUIRED) -> str | T:
        """A text, as sent; an empty text is a text."""
        value = self._value(field, default)
        if value is default:
            return default
        return self._checked(field, value, str, "a text")

    def identifier(self, field: str, default: T = _REQUIRED) -> str | T:
        """A text that must not be empty; a JSON integer is accepted and kept as its digits."""
        value = self._value(field, default, empty_is_absent=True)
        if value is default:
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self._checked(field, value, str, "a text")

    def one_of(self, field: str, *allowed: str) -> str:
        value = self.text(field)
        if value not in allowed:
            raise self.error(field, f"expected one of {', '.join(allowed)}")
        return value

    def integer(self, field: str, default: T = _REQUIRED, *, end: int = INTEGER_END) -> int | T:
        """An integer nearer to 0 than `end`."""
        value = self._value(field, default)
        if value is default:
            return default
        if isinstance(value, bool):
            raise self.error(field, "expected an integer, got a boolean")
        number = self._checked(field, value, int, "an integer")
        if abs(number) >= end:
            raise self.error(field, f"expected an integer below {end}")
        return number

    def unix_time(self, field: str, default: T = _REQUIRED) -> datetime | T:
        """An instant, as its seconds since 1970."""
        seconds = self.integer(field, default)
        if seconds is default:
            return default
        if not 0 <= seconds < UNIX_END_S:
            raise self.error(field, "expected seconds since 1970")
        return datetime.fromtimestamp(seconds, UTC)

    def decimal(self, field: str, default: T = _REQUIRED, *, end: int = DECIMAL_END) -> Decimal | T:
        """A finite number nearer to 0 than `end`, also when it is sent as a text."""
        value = self._value(field, default, empty_is_absent=True)
        if value is default:
            return default
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            raise self.error(field, f"expected a number, got {type(value).__name__}")
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise self.error(field, "expected a number") from None
        if not number.is_finite():
            raise self.error(field, "expected a finite number")
        if abs(number) >= end:
            raise self.error(field, f"expected a number below {end}")
        return number

    def boolean(self, field: str, default: T = _REQUIRED) -> bool | T:
        value = self._value(field, default)
        return default if value is default else self._checked(field, value, bool, "true or false")

    def date(self, field: str, *formats: str, default: T = _REQUIRED) -> date | T:
        """A calendar date in one of the strptime formats (default ISO)."""
        value = self._value(field, default, empty_is_absent=True)
        if value is default:
            return default
        text = self._checked(field, value, str, "a date")
        for pattern in formats or ("%Y-%m-%d",):
            try:
                return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date has no zone
            except ValueError:
                continue
        raise self.error(field, f"expected a date like {' or '.join(formats or ('%Y-%m-%d',))}")

    def binary(self, field: str, default: T = _REQUIRED) -> bytes | T:
        """Bytes that are sent as base64."""
        value = self._value(field, default)
        if value is default:
            return default
        try:
            return base64.b64decode(self._checked(field, value, str, "a text"), validate=True)
        except ValueError:
            raise self.error(field, "not base64") from None

    def child(self, field: str, default: T = _REQUIRED) -> "Fields | T":
        value = self._value(field, default)
        return default if value is default else Fields(value, self.name(field))

    def children(self, field: str, default: T = _REQUIRED) -> "list[Fields] | T":
        """A list of objects."""
        value = self._value(field, default)
        if value is default:
            return default
        items = self._checked(field, value, list, "a list")
        return [Fields(item, f"{self.name(field)}[{i}]") for i, item in enumerate(items)]

    def texts(self, field: str, default: T = _REQUIRED) -> list[str] | T:
        value = self._value(field, default)
        if value is default:
            return default
        items = self._checked(field, value, list, "a list")
        if not all(isinstance(item, str) for item in items):
            raise self.error(field, "expected a list of texts")
        return [_UNKEPT.sub("", item) for item in items]

    def error(self, field: str, reason: str) -> FieldError:
        """The error to raise when a client finds a value it cannot accept."""
        return FieldError(self.name(field), reason)

    def _value(self, field: str, default: Any, *, empty_is_absent: bool = False) -> Any:
        value = self.data.get(field)
        if value is not None and not (empty_is_absent and value == ""):
            return value
        if default is _REQUIRED:
            raise self.error(field, "missing")
        return default

    def _checked(self, field: str, value: Any, kind: type[T], words: str) -> T:
        if not isinstance(value, kind):
            raise self.error(field, f"expected {words}, got {type(value).__name__}")
        return _UNKEPT.sub("", value) if isinstance(value, str) else value
