"""The events of which customers are told: of which kind each is, and what is said in each language.

The words are in `words/<language>.yaml`; `{names}` in them are the event's variables.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import yaml

from app.messaging.kinds import DUES, PROMOTION, REQUIRED, SERVICE
from app.messaging.templates.texts import ALWAYS, names_in

LANGUAGES = ("en", "hi")
ENGLISH = "en"
PARTS = ("sms", "whatsapp", "subject", "email")
_FOLDER = Path(__file__).with_name("words")


@dataclass(frozen=True)
class Event:
    """One event. `kind` of `app.messaging.kinds`. `good_for_s`: seconds after which it is not worth saying any more."""

    code: str
    kind: str = SERVICE
    good_for_s: int | None = None

    def words(self, part: str, language: str = ENGLISH) -> str | None:
        """What is said in one part of PARTS; None where nothing is, and that channel is not used."""
        return _words(language)[self.code].get(part)

    @cached_property
    def variables(self) -> list[str]:
        """The names that whoever raises the event gives values to, in the order in which they are said."""
        said = [name for part in PARTS for name in names_in(self.words(part) or "")]
        return [name for name in dict.fromkeys(said) if name not in ALWAYS]


@cache
def _words(language: str) -> Mapping[str, Mapping[str, str]]:
    return yaml.safe_load((_FOLDER / f"{language}.yaml").read_text("utf-8"))


EVENTS: dict[str, Event] = {
    event.code: event
    for event in (
        Event("otp", REQUIRED, good_for_s=300),
        Event("new_device", REQUIRED),
        Event("application_received"),
        Event("aa_consent_link"),
        Event("application_rejected", REQUIRED),
        Event("offer_made"),
        Event("sanction_expired"),
        Event("sanctioned", REQUIRED),
        Event("key_facts", REQUIRED),
        Event("mandate_link"),
        Event("due_reminder", DUES),
        # it says "today"
        Event("promise_due", DUES, good_for_s=10 * 3600),
        Event("demand_notice", DUES),
        Event("legal_notice", REQUIRED),
        Event("esign_link"),
        Event("esign_done", REQUIRED),
        Event("disbursed", REQUIRED),
        Event("payment_link"),
        Event("overdue_link", DUES),
        Event("payment_received", REQUIRED),
        Event("payment_reversed", REQUIRED),
        Event("loan_reopened", REQUIRED),
        Event("debit_notice", REQUIRED),
        Event("debit_returned", REQUIRED),
        Event("cheque_returned", REQUIRED),
        Event("cooled_off", REQUIRED),
        Event("settlement_offer", DUES),
        Event("settlement_due", DUES),
        Event("settlement_lapsed", DUES),
        Event("settlement_withdrawn", DUES),
        Event("complaint_taken", REQUIRED),
        Event("complaint_answered", REQUIRED),
        Event("loan_settled"),
        Event("closure_noc", REQUIRED),
        Event("repeat_offer", PROMOTION),
        Event("erasure_notice", REQUIRED),
        Event("privacy_answer", REQUIRED),
        Event("data_breach", REQUIRED),
    )
}
