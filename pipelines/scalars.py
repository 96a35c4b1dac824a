"""Single values out of parsed JSON or XML, before anything is made of them."""

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
