"""The four kinds of messages, and what each has to obey before it leaves. A brand's hours are in its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CHANNELS = ("SMS", "WHATSAPP", "EMAIL")
# what a channel is agreed to with: without it the same is said by SMS
CHANNEL_PURPOSES: Mapping[str, str] = MappingProxyType({"WHATSAPP": "COMM_WHATSAPP"})
REQUIRED, DUES, SERVICE, PROMOTION = "REQUIRED", "DUES", "SERVICE", "PROMOTION"


@dataclass(frozen=True)
class Kind:
    """`can_be_stopped`: the customer's do-not-disturb and unsubscribing hold. `purpose`: the consent without which it
    is not said. `repeats`: when it is not known whether it was sent, sending twice is better than not at all."""

    meaning: str
    can_be_stopped: bool = False
    purpose: str | None = None
    repeats: bool = False


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        REQUIRED: Kind(
            "what the law or the customer's safety asks for: at any hour, to everybody", repeats=True
        ),
        DUES: Kind("what is owed: cannot be stopped, and keeps the hours of contact"),
        SERVICE: Kind("what belongs to an application or a loan", can_be_stopped=True, repeats=True),
        PROMOTION: Kind("offers", can_be_stopped=True, purpose="MARKETING"),
    }
)
# what a brand's hours can hold back: the rest goes at any hour
TIMED = (DUES, SERVICE, PROMOTION)
STOPPABLE = tuple(name for name, kind in KINDS.items() if kind.can_be_stopped)
