"""The rules of the brand of this transaction: who is told of an event."""

from app.brands import service as brands
from app.messaging.policy import CUSTOMER, POLICY, Rule


def rules_of(event: str) -> tuple[Rule, ...]:
    """The brand's own where its settings have some, else those of the table."""
    own = brands.settings()["messages"]["policy"].get(event)
    if own is None:
        return POLICY[event]
    return tuple(Rule(each["to"], tuple(each["channels"]), each["instead"]) for each in own)


def channels_of(event: str, to: str) -> list[str]:
    """The channels on which somebody is told, each once."""
    rules = rules_of(event)
    return list(dict.fromkeys(channel for rule in rules if rule.to == to for channel in rule.channels))


def instead_of(event: str, channel: str) -> str | None:
    """The channel on which a customer is told where this one did not reach them."""
    rules = (rule for rule in rules_of(event) if rule.to == CUSTOMER)
    return next((rule.instead[channel] for rule in rules if channel in rule.instead), None)


def tells_staff(event: str) -> bool:
    """Whether anybody of the staff is told."""
    return any(rule.to != CUSTOMER for rule in rules_of(event))
