"""Razorpay: client.py asks, webhooks.py hears, entities.py reads what both get."""

from app.providers.razorpay.account import HIDDEN
from app.providers.razorpay.client import RazorpayClient
from app.providers.razorpay.webhooks import (
    EVENT_ID_HEADER,
    SIGNATURE_HEADER,
    parse_event,
    verify_return,
    verify_signature,
    webhook_secrets,
)

__all__ = [
    "EVENT_ID_HEADER",
    "HIDDEN",
    "SIGNATURE_HEADER",
    "RazorpayClient",
    "parse_event",
    "verify_return",
    "verify_signature",
    "webhook_secrets",
]
