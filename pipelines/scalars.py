"""Single values out of parsed JSON or XML, before anything is made of them, and values made ready for JSON."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pipelines.errors import EvidenceError

# Databases and terminals choke on control characters, and no bank writes them on purpose.
_CONTROLS = dict.fromkeys([*range(32), 127])


def text_of(value: Any, field: str) -> str | None:
    """The value as stripped text without control characters; None where it is absent or blank.

    Raises EvidenceError for an object or a list, and for text that is not Unicode (a lone surrogate).
    """
    if value is None:
        return None
    if isinstance(value, dict | list):
        raise EvidenceError(field, "is not a single value")
    text = str(value).translate(_CONTROLS).strip()
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise EvidenceError(field, "is not Unicode text")
    return text or None


def plain(value: Any) -> Any:
    """Decimals and dates as text, exactly, containers all the way down."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
