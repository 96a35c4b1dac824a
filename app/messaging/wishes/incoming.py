"""What customers write to the brand: kept for staff, and where it is STOP or START, obeyed."""

from collections.abc import Callable, Mapping
from typing import Any

from app.core.http import paginate
from app.customers import service as customers
from app.messaging.models import IncomingMessage
from app.messaging.wishes import service as wishes
from app.providers import aisensy, gupshup, msg91
from app.providers.messages import Wish, Written, stops

READERS: Mapping[str, Callable[[bytes], list[Written]]] = {
    "msg91": msg91.read_written,
    "gupshup": gupshup.read_sms_written,
    "gupshup_whatsapp": gupshup.read_whatsapp_written,
    "aisensy": aisensy.read_written,
}
STOP, START = "STOP", "START"
WISHES = {True: STOP, False: START, None: None}
TEXT_MAX = 4_096
_SORTABLE = {"createdAt": IncomingMessage.created_at}


def take(provider: str, raw_body: bytes) -> None:
    """Keep what was written, whoever it is of, and do what it asks for. Raises FieldError."""
    for written in READERS[provider](raw_body):
        _take(provider, written)


def _take(provider: str, written: Written) -> None:
    customer, is_stop = customers.by_phone(written.sender), stops(written)
    IncomingMessage.create(
        channel=written.channel,
        provider=provider,
        customer_id=customer and customer.id,
        sender=written.sender,
        text=written.text[:TEXT_MAX],
        wish=WISHES[is_stop],
    )
    if is_stop is not None:
        wishes.hear(provider, [Wish(written.channel, written.sender, is_stop)])


def page(args: Mapping[str, Any]) -> dict[str, Any]:
    """A page of what was written, newest first."""
    query = IncomingMessage.select()
    wanted = {name: args[name] for name in ("channel", "wish", "customer_id") if args[name]}
    query = query.filter(**wanted) if wanted else query
    if args["known"] is not None:
        query = query.where(IncomingMessage.customer_id.is_null(not args["known"]))
    return paginate(query, args, _SORTABLE)
