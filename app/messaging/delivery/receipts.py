"""What became of messages: each receipt finds its notification and moves it forward."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.database import update_rows
from app.customers import service as customers
from app.messaging.delivery import second_channel
from app.messaging.delivery import service as delivering
from app.messaging.models import PartnerNotification, UserNotification
from app.messaging.wishes import incoming
from app.messaging.wishes import service as wishes
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
Sent = UserNotification | PartnerNotification
_KNOWN = ("id", "customer_id", "provider_message_id")
SENT_THROUGH = {"sendgrid": (UserNotification, PartnerNotification)}
NOT_REACHED = ("FAILED", "BOUNCED")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Receipts overtake each other, so a message only moves down this list. What was read cannot have failed.
ORDER = (None, "SENT", "FAILED", "BOUNCED", "DELIVERED", "READ")


def take(provider: str, raw_body: bytes, *, is_last: bool = True) -> bool:
    """Note what the provider tells, in few statements however many it tells of. Raises FieldError.

    A receipt may come before we wrote down under which id a message was taken: then False, to be asked again. At the
    `is_last` time a receipt for nothing of ours is left aside.
    """
    left = READERS[provider](raw_body)
    for model in SENT_THROUGH.get(provider, (UserNotification,)):
        found = _whose(model, provider, left)
        _note(model, [(found[place], left[place]) for place in found])
        left = [receipt for place, receipt in enumerate(left) if place not in found]
    if left and not is_last:
        return False
    if provider in WISHES:
        wishes.hear(provider, WISHES[provider](raw_body))
    if provider in ALSO_WRITTEN:
        incoming.take(provider, raw_body)
    return True


def _note(model: type[Sent], told: Iterable[tuple[UUID, Receipt]]) -> None:
    furthest: dict[UUID, Receipt] = {}
    for message_id, receipt in told:
        known = furthest.get(message_id)
        if known is None or ORDER.index(receipt.status) > ORDER.index(known.status):
            furthest[message_id] = receipt
    query = model.select(model.id, model.delivery).where(model.id.in_(list(furthest)))
    # in the order in which whoever sends takes them too
    rows = list(query.order_by(model.id).for_update())
    forward = [row.id for row in rows if ORDER.index(furthest[row.id].status) > ORDER.index(row.delivery)]
    update_rows(model, [{"id": each, **_delivery(furthest[each])} for each in forward])
    if model is UserNotification:
        lost = [each for each in forward if furthest[each].status in NOT_REACHED]
        delivering.start(second_channel.for_failed(lost))


def _delivery(receipt: Receipt) -> dict[str, Any]:
    return {
        "delivery": receipt.status,
        "delivery_at": receipt.at or clock.now(),
        "delivery_reason": f"{receipt.code} {receipt.reason}".strip() or None,
    }


def _whose(model: type[Sent], provider: str, receipts: Sequence[Receipt]) -> dict[int, UUID]:
    """The message of each receipt, by its place: the one of our reference; the one of its id, among those of one
    request the one to this person; else the newest to this person that its provider gave no id to."""
    people = _people({receipt.to for receipt in receipts}) if model is UserNotification else {}
    ours = _ours(model, {receipt.reference for receipt in receipts})
    of_id = _of_ids(model, provider, {receipt.message_id for receipt in receipts} - {""})
    found = {}
    for place, receipt in enumerate(receipts):
        theirs = people.get(receipt.to.lower(), ())
        sent = of_id[receipt.message_id]
        mine = sent if len(sent) == 1 else [each for each in sent if each.customer_id in theirs]
        if receipt.reference in ours:
            found[place] = UUID(receipt.reference)
        elif mine:
            found[place] = mine[-1].id
        elif nameless := _nameless(provider, theirs):
            found[place] = nameless.id
    return found


def _people(addresses: Collection[str]) -> dict[str, Collection[UUID]]:
    """Who is reached at ten digits or a mail address."""
    phones = {address for address in addresses if address.isdigit()}
    mails = {address.lower() for address in addresses if "@" in address}
    return customers.ids_by_phone(phones) | customers.ids_by_emails(mails)


def _ours(model: type[Sent], references: Collection[str]) -> set[str]:
    ids = [reference for reference in references if _UUID.fullmatch(reference)]
    return {str(row.id) for row in model.select(model.id).where(model.id.in_(ids))} if ids else set()


def _of_ids(model: type[Sent], provider: str, message_ids: Collection[str]) -> dict[str, list[Sent]]:
    known = model.provider == provider, model.provider_message_id.in_(list(message_ids))
    columns = [model._meta.fields[name] for name in _KNOWN if name in model._meta.fields]
    found = defaultdict(list)
    for row in model.select(*columns).where(*known).order_by(model.id):
        found[row.provider_message_id].append(row)
    return found


def _nameless(provider: str, customer_ids: Collection[UUID]) -> UserNotification | None:
    """Some accounts of AiSensy give no ids."""
    if not customer_ids:
        return None
    same = {"provider": provider, "provider_message_id": ""}
    query = UserNotification.select(UserNotification.id).filter(**same)
    theirs = query.where(UserNotification.customer_id.in_(list(customer_ids)))
    return theirs.order_by(UserNotification.id.desc()).first()
