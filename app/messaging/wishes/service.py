"""What customers want to hear: a channel they like best, not to be disturbed, and what they stopped."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from app.core import audit
from app.customers import service as customers
from app.messaging.kinds import PROMOTION, STOPPABLE
from app.messaging.models import MessagePreference
from app.providers.messages import Wish

# What STOP ends. On SMS offers alone: what belongs to a loan is no promotion (TCCCPR 2018), and is stopped in the app.
# WhatsApp's business policy and mail programs know one STOP, for everything that can be stopped.
ENDED_BY_STOP: Mapping[str, Collection[str]] = {
    "SMS": (PROMOTION,),
    "WHATSAPP": STOPPABLE,
    "EMAIL": STOPPABLE,
}


def of(customer_id: UUID | str) -> dict[str, Any]:
    """Their wishes as they stand; who said nothing wants everything."""
    row = MessagePreference.get_or_none(MessagePreference.customer_id == customer_id)
    return _told(row or MessagePreference(customer_id=customer_id))


def _told(row: MessagePreference) -> dict[str, Any]:
    stopped = [dict(zip(("channel", "kind"), each.split(":"), strict=True)) for each in row.stopped]
    return {
        "preferred_channel": row.preferred_channel,
        "do_not_disturb": row.do_not_disturb,
        "stopped": stopped,
    }


def state(customer_id: UUID | str, source: str, **wishes: Any) -> dict[str, Any]:
    """Write down all or some of their wishes. `source` says where they were stated. Raises NotFound."""
    customer = customers.get(customer_id)
    MessagePreference.insert(customer_id=customer.id).on_conflict_ignore().execute()
    mine = MessagePreference.customer_id == customer.id
    row = MessagePreference.select().where(mine).for_update().get()
    before = _told(row)
    if "stopped" in wishes:
        wishes["stopped"] = sorted({f"{each['channel']}:{each['kind']}" for each in wishes["stopped"]})
    row.change(**wishes)
    after = _told(row)
    if after != before:
        audit.record(
            "customer.message_wishes",
            "customer",
            customer.id,
            before=before,
            after=after | {"source": source},
        )
    return after


def stop(customer_id: UUID, channel: str, source: str, kinds: Collection[str] = STOPPABLE) -> None:
    """They want none of these kinds on a channel any more."""
    _change(customer_id, channel, kinds, source, is_stop=True)


def _change(customer_id: UUID, channel: str, kinds: Collection[str], source: str, *, is_stop: bool) -> None:
    about = [{"channel": channel, "kind": kind} for kind in kinds]
    others = [each for each in of(customer_id)["stopped"] if each not in about]
    state(customer_id, source, stopped=[*others, *about] if is_stop else others)


def hear(provider: str, wishes: Collection[Wish]) -> None:
    """What customers told a provider: STOP and START in an answer, unsubscribing at a mail. Of strangers: nothing."""
    for wish in wishes:
        for customer_id in _who(wish):
            kinds = ENDED_BY_STOP[wish.channel]
            _change(customer_id, wish.channel, kinds, provider, is_stop=wish.is_stop)


def _who(wish: Wish) -> list[UUID]:
    if wish.channel == "EMAIL":
        return customers.ids_by_email(wish.of)
    found = customers.by_phone(wish.of)
    return [found.id] if found else []


def chosen(customer_id: UUID, channels: Collection[str], can_be_stopped: bool) -> list[str]:
    """Of the channels on which something can be said, the one that the customer likes best, where it is among them
    and it is theirs to choose."""
    preferred = of(customer_id)["preferred_channel"] if can_be_stopped else None
    return [preferred] if preferred in channels else list(channels)
