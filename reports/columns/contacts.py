"""What was said to customers who owe, and what was seen at their door."""

from reports.base import Column
from reports.columns.expressions import day, name_of
from reports.kinds import CHOICE, DATE, INSTANT, INTEGER, MONEY, TEXT

_NOTE = (
    Column("remark", TEXT, "What was written down", "o.remark"),
    Column("remarked_at", INSTANT, "When it was written down", "o.created_at"),
    Column("added_by", TEXT, "Who wrote it down", f"coalesce({name_of('o.author_id')}, o.author_role)"),
    Column("disposition", CHOICE, "What came of the contact: PTP, CALLBACK, REFUSE_TO_PAY, ...", "o.code"),
    Column("promised_on", DATE, "Day for which payment was promised in it", "promised.due_on"),
    Column("promised_amount", MONEY, "Amount that was promised", "promised.amount"),
    Column("channel", CHOICE, "CALL, VISIT, SMS, WHATSAPP, EMAIL", "o.channel"),
    Column("contact_party", CHOICE, "Whom it reached: BORROWER, THIRD_PARTY, NOBODY", "o.contact_party"),
    Column("call_id", TEXT, "The call, as staff know it", "o.call_ref"),
    Column("dpd_days_at_time", INTEGER, "Days past the due date then; negative before it", "o.days_past_due"),
)

_VISIT = (
    Column("nbfc_name", TEXT, "Lender", "(SELECT b.name FROM brand b WHERE b.id = v.brand_id)"),
    Column("visit_id", TEXT, "Identity of the visit", "v.id"),
    Column("visit_requested_at", INSTANT, "When it was asked for", "v.created_at"),
    Column("allocation_date", DATE, "Day on which it was asked for", day("v.created_at")),
    Column("field_executive", TEXT, "Who went", name_of("v.partner_user_id::text")),
    Column(
        "visit_status",
        CHOICE,
        "REQUESTED, ALLOCATED, STARTED, REACHED, ENDED, APPROVED, CANCELLED",
        "v.status",
    ),
    Column("visit_type", CHOICE, "RESIDENCE, OFFICE", "v.visit_type"),
    Column(
        "requested_by", TEXT, "Who asked for it", f"coalesce({name_of('v.requested_by')}, v.requested_by)"
    ),
    Column("started_at", INSTANT, "When they set out", "v.started_at"),
    Column("reached_at", INSTANT, "When they were there", "v.reached_at"),
    Column("ended_at", INSTANT, "When it was over", "v.ended_at"),
    Column("lat", TEXT, "Latitude, degrees", "v.latitude"),
    Column("long", TEXT, "Longitude, degrees", "v.longitude"),
    Column("distance_km", MONEY, "Way there, kilometres", "v.distance_km"),
    Column(
        "outcome",
        CHOICE,
        "PAID, PROMISED, REFUSED, NOT_FOUND, LOCKED, SHIFTED, DECEASED, OTHER",
        "v.outcome",
    ),
    Column("met_whom", CHOICE, "BORROWER, FAMILY, COLLEAGUE, NEIGHBOUR, NOBODY", "v.met_whom"),
    Column("amount_collected", MONEY, "Money that was handed over", "v.amount_collected"),
    Column("next_action_date", DATE, "When to go on", "v.next_action_date"),
    Column("visit_approved_by", TEXT, "Who took it as done", name_of("v.approved_by")),
    Column(
        "calling_team_remarks",
        CHOICE,
        "Required; Not, once it was called off",
        "CASE v.status WHEN 'CANCELLED' THEN 'Not' ELSE 'Required' END",
    ),
    Column("visit_reason", TEXT, "Why it was asked for", "v.reason"),
)

COLUMNS = (*_NOTE, *_VISIT)
