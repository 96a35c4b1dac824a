"""Razorpay: client.py asks, webhooks.py hears, entities.py says what a payment, a link and a payout are."""

from app.providers.razorpay.client import Beneficiary, Payer, RazorpayClient
from app.providers.razorpay.entities import Payment, PaymentLink, Payout
from app.providers.razorpay.webhooks import (
    EVENT_ID_HEADER,
    SIGNATURE_HEADER,
    Event,
    OtherEvent,
    PaymentEvent,
    PaymentLinkEvent,
    PayoutEvent,
    parse_event,
    verify_signature,
    webhook_secrets,
)

__all__ = [
    "EVENT_ID_HEADER",
    "SIGNATURE_HEADER",
    "Beneficiary",
    "Event",
    "OtherEvent",
    "Payer",
    "Payment",
    "PaymentEvent",
    "PaymentLink",
    "PaymentLinkEvent",
    "Payout",
    "PayoutEvent",
    "RazorpayClient",
    "parse_event",
    "verify_signature",
    "webhook_secrets",
]
