"""What became of messages: each receipt finds its notification and moves it forward."""

from collections.abc import Callable, Mapping

from app.core import clock
from app.customers import service as customers
from app.messaging import delivering, incoming, standing_in, wishes
from app.messaging.models import PartnerNotification, UserNotification
from app.providers import aisensy, gupshup, msg91, sendgrid
from app.providers.messages import Receipt, Wish

READERS: Mapping[str, Callable[[bytes], list[Receipt]]] = {
    "msg91": msg91.read_receipts,
    "gupshup": gupshup.read_sms_receipts,
    "gupshup_whatsapp": gupshup.read_whatsapp_receipts,
    "aisensy": aisensy.read_receipts,
    "sendgrid": sendgrid.read_receipts,
}
WISHES: Mapping[str, Callable[[bytes], list[Wish]]] = {"sendgrid": sendgrid.read_wishes}
# these tell of what customers write at the same address
ALSO_WRITTEN = ("gupshup_whatsapp", "aisensy")
# what is sent through a provider, where that is more than messages to customers
SENT_THROUGH = {"sendgrid": (UserNotification, PartnerNotification)}
# Receipts overtake each other, so a message only moves down this list. What was read cannot have failed.
NOT_REACHED = ("FAILED", "BOUNCED")
ORDER = (None, "SENT", "FAILED", "BOUNCED", "DELIVERED", "READ")


def take(provider: str, raw_body: bytes) -> None:
    """Note what the provider tells. A receipt for nothing of ours is left aside. Raises FieldError."""
    for receipt in READERS[provider](raw_body):
        _note(provider, receipt)
    if provider in WISHES:
        wishes.hear(provider, WISHES[provider](raw_body))
    if provider in ALSO_WRITTEN:
        incoming.take(provider, raw_body)


def _note(provider: str, receipt: Receipt) -> None:
    for notification in _of_id(provider, receipt) or _of_person(provider, receipt):
        if ORDER.index(receipt.status) > ORDER.index(notification.delivery):
            notification.change(
                delivery=receipt.status,
                delivery_at=receipt.at or clock.now(),
                delivery_reason=f"{receipt.code} {receipt.reason}".strip() or None,
            )
            if receipt.status in NOT_REACHED and isinstance(notification, UserNotification):
                delivering.start(standing_in.for_failed(notification))


def _of_id(provider: str, receipt: Receipt) -> list[UserNotification | PartnerNotification]:
    if not receipt.message_id:
        return []
    same = {"provider": provider, "provider_message_id": receipt.message_id}
    models = SENT_THROUGH.get(provider, (UserNotification,))
    return [row for model in models for row in model.select().filter(**same).for_update()]


def _of_person(provider: str, receipt: Receipt) -> list[UserNotification]:
    """The newest message to somebody that its provider gave no id to: some accounts of AiSensy give none."""
    customer = customers.by_phone(receipt.to) if receipt.to.isdigit() else None
    if customer is None:
        return []
    same = {"provider": provider, "provider_message_id": "", "customer_id": customer.id}
    newest = UserNotification.select().filter(**same).order_by(UserNotification.id.desc())
    return list(newest.limit(1).for_update())
