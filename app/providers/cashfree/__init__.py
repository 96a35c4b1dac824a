"""Cashfree: client.py asks, webhooks.py hears, entities.py reads what both get."""

from app.providers.cashfree.account import HIDDEN
from app.providers.cashfree.client import CashfreeClient
from app.providers.cashfree.webhooks import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    is_recent,
    parse_event,
    verify_form,
    verify_signature,
)

__all__ = [
    "HIDDEN",
    "SIGNATURE_HEADER",
    "TIMESTAMP_HEADER",
    "CashfreeClient",
    "is_recent",
    "parse_event",
    "verify_form",
    "verify_signature",
]
