"""The page."""

from typing import Any


def page(told: dict[str, Any]) -> str:
    """A."""
    return "<p>"
