"""How long what is kept, why, and what then: one table, which the nightly job and every erasure go by."""

from dataclasses import dataclass
from datetime import timedelta

PMLA = "PMLA 2002 s. 12(4): five years after the relationship ends; Companies Act 2013 s. 128(5): eight years"
RULE_8_3 = "DPDP Rules 2025, rule 8(3): data and logs for a year from the processing"
PURPOSE = "DPDP Act 2023 s. 8(7): erased when the purpose is served"
BORROWER, APPLICANT, LEAD = "BORROWER", "APPLICANT", "LEAD"
EIGHT_YEARS = 2_922


@dataclass(frozen=True)
class Rule:
    """One row. `whose`: the standing of the customer it holds for, None for everybody's rows, each by its own age.

    `days` None: another rule decides, which `since` names. `on_request`: goes at once when the customer asks for it and
    nothing is in the way.
    """

    data_class: str
    whose: str | None
    days: int | None
    since: str
    then: str
    on_request: bool
    basis: str

    @property
    def time(self) -> timedelta:
        return timedelta(days=self.days)


RETENTION = (
    Rule("identity", BORROWER, EIGHT_YEARS, "the last loan ended", "anonymised", False, PMLA),
    Rule(
        "identity", APPLICANT, 730, "the last application ended", "anonymised", True,
        "disputes about the decision and questions of the bureaus; reasons and figures stay, without the person",
    ),
    Rule("identity", LEAD, 365, "the last sign-in", "anonymised", True, RULE_8_3),
    Rule("messages", None, 365, "it was made", "its text is deleted", True, RULE_8_3),
    Rule("call recordings", None, 365, "the call", "the recording is deleted, the call stays", True, RULE_8_3),
    Rule("sessions", None, 365, "it ended", "device and token are deleted", False, RULE_8_3),
    Rule("one-time codes", None, 30, "it was sent or tried", "deleted", False, PURPOSE),
    Rule("leads of advertisements", None, 180, "it came in", "deleted", True, PURPOSE),
    Rule("bureau reports", None, 365, "it was pulled", "the report is deleted, the figures stay", True, PURPOSE),
    Rule(
        "bank data", None, None, "consent, or the brand's settings", "deleted, the figures of a decision stay", True,
        "the data life that the customer agreed to at the aggregator; DPDP Act 2023 s. 8(7)",
    ),
    Rule("answers to access requests", None, 7, "it was made", "the file is deleted", True, PURPOSE),
    Rule("report files", None, 30, "it was produced", "the files are deleted", False, PURPOSE),
    Rule("presentation files", None, 180, "it was made", "the file is deleted, its figures stay", False, PURPOSE),
    Rule("webhook bodies", None, 365, "it came in", "the body is deleted", False, RULE_8_3),
    Rule("provider calls", None, 365, "it was made", "deleted", False, RULE_8_3),
    Rule("idempotency keys", None, 30, "the request", "deleted", False, PURPOSE),
    Rule("finished jobs", None, 90, "it ended", "deleted", False, PURPOSE),
    Rule(
        "loan file", None, None, "for good: it names nobody once the identity is gone", "kept", False,
        "books of account, consents as evidence; DPDP Act 2023 s. 17(2)(b) for what is anonymous",
    ),
)  # fmt: skip


def of_person(standing: str) -> Rule:
    """The rule for the identity of a customer of a standing."""
    return next(rule for rule in RETENTION if rule.whose == standing)


def on_request() -> set[str]:
    """The data classes that go when the customer asks, whatever their standing."""
    return {rule.data_class for rule in RETENTION if rule.on_request and rule.whose is None}


def table() -> str:
    """The table as the documentation shows it."""
    head = "| data | of | kept | from | then | at once on request | why |\n|---|---|---|---|---|---|---|"
    rows = (
        f"| {r.data_class} | {(r.whose or 'all').lower()} | {f'{r.days} days' if r.days else '-'} | {r.since}"
        f" | {r.then} | {'yes' if r.on_request else 'no'} | {r.basis} |"
        for r in RETENTION
    )
    return "\n".join([head, *rows])
