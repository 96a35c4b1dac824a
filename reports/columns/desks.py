"""Who was given a customer or a loan, and what they did with it."""

from reports.base import Column
from reports.columns.expressions import TODAY, day, unpaid_after_due
from reports.kinds import CHOICE, DATE, FLAG, INSTANT, INTEGER, MONEY, RATE, TEXT

# a decision of the rules is made in the same minute, whoever has the file
_DECISION = """CASE WHEN work.decision = 'REJECTED' THEN 'REJECTED'
    WHEN work.decision = 'CREDIT_EXECUTIVE_APPROVED' AND l.status = 'APPLIED' THEN 'SENT_BACK'
    WHEN work.decision = 'CREDIT_EXECUTIVE_APPROVED' THEN 'APPROVED' WHEN after.id IS NOT NULL THEN 'TRANSFERRED'
    WHEN l.status IN ('APPLIED', 'HOLD') THEN 'PENDING' ELSE 'ENDED' END"""


def _minutes(until: str) -> str:
    """Minutes since the allotment that the brand's desks were open for."""
    hours = ", ".join(f"desk_hours.{part}" for part in ("opens", "closes", "days", "holidays"))
    return f"working_minutes(a.created_at, {until}, {hours})"


_ALLOTMENT = (
    Column("allotted_to_id", TEXT, "Identity of the person", "p.id"),
    Column("allotted_to", TEXT, "Who was given the loan", "p.name"),
    Column("allotted_to_email", TEXT, "Their e-mail", "p.email"),
    Column("allotted_at", INSTANT, "When it was given to them", "a.created_at"),
    Column("allocation_type", CHOICE, "AUTO, MANUAL, REALLOCATED", "a.allocation_type"),
    Column("geo_score", RATE, "How near they are to the customer, 0 to 1", "a.geo_score"),
    Column("days_held", INTEGER, "Days since", f"{TODAY} - {day('a.created_at')}"),
    Column("collection_manager", TEXT, "Who supervises the collection", "supervisor.name"),
    Column("collection_manager_email", TEXT, "Their e-mail", "supervisor.email"),
    Column("collected_in_range", MONEY, "Received in the days asked for", "coalesce(receipts.in_range, 0)"),
    Column(
        "last_contact_at", INSTANT, "When it was last written down what came of a contact", "talk.created_at"
    ),
    Column("last_disposition", CHOICE, "What came of it", "talk.code"),
    Column("ptp_date", DATE, "Day for which the customer last promised to pay", "promise.due_on"),
    Column("ptp_amount", MONEY, "Amount that they promised", "promise.amount"),
    Column("collection_remarks", TEXT, "Remark on the last contact", "talk.remark"),
)

_CREDIT = (
    Column("reporting_manager", TEXT, "Whom the executive reports to", "manager.name"),
    Column(
        "decision",
        CHOICE,
        "What they made of it: APPROVED (recommended), REJECTED, SENT_BACK (to them, by a manager), TRANSFERRED (to "
        "another), PENDING, ENDED (by the rules or the customer)",
        _DECISION,
    ),
    Column("decision_at", INSTANT, "When they recommended or rejected it first", "work.decided_at"),
    Column("first_action_at", INSTANT, "When they first did something with it", "work.first_at"),
    Column(
        "first_action_tat_min",
        INTEGER,
        "Minutes until then, of the brand's `workingHours`",
        _minutes("work.first_at"),
    ),
    Column(
        "decision_tat_min",
        INTEGER,
        "Minutes until the decision, of the brand's `workingHours`",
        _minutes("work.decided_at"),
    ),
    Column("recommended_amount", MONEY, "Amount that was recommended", "l.credit_approved_amount"),
    Column(
        "final_sanctioned_amount",
        MONEY,
        "Amount of the final approval",
        "CASE WHEN steps.approved_at IS NOT NULL THEN l.sanctioned_amount END",
    ),
    Column(
        "sanction_outcome",
        CHOICE,
        "APPROVED, REJECTED after the recommendation; empty: not yet",
        """CASE WHEN steps.approved_at IS NOT NULL THEN 'APPROVED'
        WHEN l.status = 'REJECTED' AND steps.recommended_at IS NOT NULL THEN 'REJECTED' END""",
    ),
    Column(
        "disbursed_amount",
        MONEY,
        "Principal that was paid out",
        "CASE WHEN l.disbursed_at IS NOT NULL THEN l.sanctioned_amount END",
    ),
    Column("send_backs", INTEGER, "How often a manager sent it back", "l.send_back_count"),
    Column("transferred_from", TEXT, "Who had it before", "before.name"),
    Column(
        "ageing_hours",
        INTEGER,
        "Whole hours since it was given to them, while it is PENDING",
        f"""CASE WHEN {_DECISION} = 'PENDING'
        THEN floor(extract(epoch FROM statement_timestamp() - a.created_at) / 3600) END""",
    ),
    Column(
        "fpd7",
        FLAG,
        "Something was owed 7 days after the due date; empty before",
        f"CASE WHEN l.disbursed_at IS NOT NULL AND l.due_date + 7 < {TODAY} THEN {unpaid_after_due('l', 7)} END",
    ),
)

COLUMNS = (*_ALLOTMENT, *_CREDIT)
