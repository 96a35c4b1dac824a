"""What became of messages: each receipt finds its notification and moves it forward."""

from collections.abc import Callable, Mapping

from app.core import clock
from app.messaging import wishes
from app.messaging.models import UserNotification
from app.providers import aisensy, gupshup, msg91, sendgrid
from app.providers.messages import Receipt, Wish

READERS: Mapping[str, Callable[[bytes], list[Receipt]]] = {
    "msg91": msg91.read_receipts,
    "gupshup": gupshup.read_sms_receipts,
    "gupshup_whatsapp": gupshup.read_whatsapp_receipts,
    "aisensy": aisensy.read_receipts,
    "sendgrid": sendgrid.read_receipts,
}
WISHES: Mapping[str, Callable[[bytes], list[Wish]]] = {
    "gupshup_whatsapp": gupshup.read_whatsapp_wishes,
    "aisensy": aisensy.read_wishes,
    "sendgrid": sendgrid.read_wishes,
}
# Receipts overtake each other, so a message only moves down this list. What was read cannot have failed.
ORDER = (None, "SENT", "FAILED", "BOUNCED", "DELIVERED", "READ")


def take(provider: str, raw_body: bytes) -> None:
    """Note what the provider tells. A receipt for nothing of ours (or with no id) is left aside. Raises FieldError."""
    for receipt in READERS[provider](raw_body):
        if receipt.message_id:
            _note(provider, receipt)
    if provider in WISHES:
        wishes.hear(provider, WISHES[provider](raw_body))


def _note(provider: str, receipt: Receipt) -> None:
    same = {"provider": provider, "provider_message_id": receipt.message_id}
    for notification in UserNotification.select().filter(**same).for_update():
        if ORDER.index(receipt.status) > ORDER.index(notification.delivery):
            notification.change(
                delivery=receipt.status,
                delivery_at=receipt.at or clock.now(),
                delivery_reason=f"{receipt.code} {receipt.reason}".strip() or None,
            )
