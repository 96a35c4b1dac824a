"""Clients of the external APIs: one module each, one way to write them (base.py).

`client("digitap", "qualoan").pan_details(...)` - settings and credentials are the brand's own.
"""

from typing import Any

from app.providers.base import ProviderClient, ProviderSettings
from app.providers.errors import (
    CircuitOpen,
    ProviderError,
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)

__all__ = [
    "CircuitOpen",
    "ProviderClient",
    "ProviderError",
    "ProviderMalformed",
    "ProviderRejected",
    "ProviderSettings",
    "ProviderUnauthorised",
    "ProviderUnavailable",
    "client",
]
