"""Who is told of what, on which channels: one table. A brand's settings (`messages.policy`) may say otherwise.

`to`: CUSTOMER; PERSON, the member of staff whom it is about; ASSIGNED, everybody who works on the loan; or a role, for
everybody who has it. Customers are told by SMS, WHATSAPP and EMAIL where there are words; staff by EMAIL and IN_APP.
`instead`: the channel on which a customer is told once more, where the first did not reach them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.core.identity import STAFF_ROLES
from app.messaging.events import EVENTS
from app.messaging.kinds import CHANNELS, REQUIRED

CUSTOMER, PERSON, ASSIGNED = "CUSTOMER", "PERSON", "ASSIGNED"
IN_APP = "IN_APP"
STAFF_CHANNELS = ("EMAIL", IN_APP)
RECIPIENTS = (CUSTOMER, PERSON, ASSIGNED, *(role.value for role in STAFF_ROLES))


@dataclass(frozen=True)
class Rule:
    """One recipient of an event, and how they are told; `instead`: by channel, the one that stands in for it."""

    to: str
    channels: tuple[str, ...]
    instead: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class StaffWords:
    """What staff read: `{names}` are the event's variables. `about_one`: about a member of staff, not a customer."""

    title: str
    text: str
    about_one: bool = False


STAFF_WORDS: Mapping[str, StaffWords] = MappingProxyType(
    {
        "application_received": StaffWords("New application {loan_no}", "Rs {amount} is asked for."),
        "application_rejected": StaffWords("{loan_no} was rejected", "The customer was told the reasons."),
        "offer_made": StaffWords("Offer on {loan_no}", "Rs {amount}, to be answered by {valid_until}."),
        "sanctioned": StaffWords("{loan_no} is approved", "Rs {amount}."),
        "sanction_expired": StaffWords("{loan_no} was not used in time", "Its approval has ended."),
        "esign_done": StaffWords("{loan_no} is signed", "The customer signed the agreement."),
        "disbursed": StaffWords("{loan_no} is paid out", "Rs {amount}, UTR {utr}, due {due_date}."),
        "payment_received": StaffWords("Payment for {loan_no}", "Rs {amount}; outstanding Rs {outstanding}."),
        "cooled_off": StaffWords("{loan_no} was given back", "Rs {amount} was paid; nothing is owed."),
        "closure_noc": StaffWords("{loan_no} is closed", "The no-objection certificate was sent."),
        "complaint_assigned": StaffWords(
            "A complaint is yours to answer",
            "A customer complains about how {loan_no} is collected. Answer it in the portal by {answer_due_on}.",
            about_one=True,
        ),
        "complaint_escalated": StaffWords(
            "A complaint was escalated",
            "Nobody could answer the complaint about how {loan_no} is collected. It is due by {answer_due_on}.",
            about_one=True,
        ),
        "sent_back": StaffWords(
            "{loan_no} was sent back",
            "Loan {loan_no} of {brand} was sent back. The reason is on the file; the rules have to run on it again.",
            about_one=True,
        ),
        "call_missed": StaffWords(
            "A customer called and was not reached",
            "They called {brand} at {at} (India) about {loan_no}. Their file in the portal shows the call.",
            about_one=True,
        ),
        "work_given": StaffWords(
            "Work was given to you",
            "Yours in {brand} since the last mail of this kind: {what}. Your queue in the portal shows them.",
            about_one=True,
        ),
    }
)

_TOLD = Rule(CUSTOMER, ("SMS", "EMAIL"))
# without the link in it, nothing goes on
_LINKED = Rule(CUSTOMER, ("SMS", "EMAIL"), MappingProxyType({"SMS": "WHATSAPP"}))
_SEEN = Rule(ASSIGNED, (IN_APP,))
_MINE = (Rule(PERSON, STAFF_CHANNELS),)
POLICY: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    dict.fromkeys(EVENTS, (_TOLD,))
    | dict.fromkeys(
        ("aa_consent_link", "esign_link", "mandate_link", "payment_link", "overdue_link"), (_LINKED,)
    )
    | {
        "sanction_expired": (_TOLD, _SEEN),
        "esign_done": (_TOLD, _SEEN),
        "disbursed": (_TOLD, _SEEN),
        "payment_received": (_TOLD, _SEEN),
        "cooled_off": (_TOLD, _SEEN),
        "call_missed": (Rule(PERSON, (IN_APP,)),),
        "complaint_assigned": _MINE,
        "complaint_escalated": _MINE,
        "sent_back": _MINE,
        "work_given": _MINE,
    }
)


def faults(event: str, rules: list[Rule]) -> Iterator[str]:
    """What is wrong with a brand's rules for an event."""
    if event not in POLICY:
        yield f"There is no such event; there are {', '.join(POLICY)}."
        return
    words = STAFF_WORDS.get(event)
    for rule in rules:
        yield from _misfits(event, rule, words)
    if event in EVENTS and EVENTS[event].kind == REQUIRED and not any(rule.to == CUSTOMER for rule in rules):
        yield "The law wants the customer to be told of this."


def _misfits(event: str, rule: Rule, words: StaffWords | None) -> Iterator[str]:
    if rule.to == CUSTOMER:
        if event not in EVENTS:
            yield "Customers are not told of this."
        allowed = CHANNELS
    else:
        if words is None:
            yield f"There are no words of {event} for staff."
        elif (rule.to == PERSON) is not words.about_one:
            yield f"{rule.to} is nobody here."
        allowed = STAFF_CHANNELS
    for channel in rule.channels:
        if channel not in allowed:
            yield f"{rule.to} is told by {', '.join(allowed)}, not {channel}."
    for channel, other in rule.instead.items():
        if rule.to != CUSTOMER or channel not in rule.channels or other in rule.channels:
            yield f"{other} cannot stand in for {channel} here."
