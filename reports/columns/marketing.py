"""Where a customer came from, how far they came, and how long each step took."""

from reports.base import Column
from reports.columns.expressions import day
from reports.kinds import CHOICE, DATE, FLAG, INSTANT, INTEGER, MONEY, PERCENT, TEXT

_UTM = ("source", "medium", "campaign", "term", "content")
_PERSONAL = "coalesce(kyc.pan_verified AND kyc.aadhaar_verified, false)"
_EMPLOYED = "(employer.id IS NOT NULL OR c.employer_name_enc IS NOT NULL)"
_BANK = "(account.id IS NOT NULL)"
_BOARDED = f"""CASE WHEN {_PERSONAL} AND {_EMPLOYED} AND {_BANK} THEN 'On-boarding completed' WHEN {_BANK} THEN 'Bank'
        WHEN {_EMPLOYED} THEN 'Employment' WHEN kyc.pan_verified OR kyc.aadhaar_verified THEN 'Personal'
        ELSE 'New' END"""
_SANCTIONED = "('SANCTION_MANAGER_APPROVED', 'APPROVED', 'DISBURSAL_IN_PROCESS')"

_SOURCE = (
    *(
        Column(
            f"utm_{name}",
            TEXT,
            f"utm_{name} of the last visit, else of the first",
            f"coalesce(last_click.utm_{name}, c.utm ->> '{name}')",
        )
        for name in _UTM
    ),
    Column(
        "utm_clickid", TEXT, "Click of the advertisement that brought them last", "last_click.ad_click_id"
    ),
    Column("landing_page_url", TEXT, "Page on which the first visit landed", "first_click.landing_page"),
    Column(
        "utm_source_first_click",
        TEXT,
        "utm_source of the first visit",
        "coalesce(first_click.utm_source, c.utm ->> 'source')",
    ),
    Column("first_click_at", INSTANT, "When the first visit was", "first_click.created_at"),
    Column("utm_source_last_click", TEXT, "utm_source of the last visit", "last_click.utm_source"),
    Column("last_click_at", INSTANT, "When the last visit was", "last_click.created_at"),
    Column(
        "first_touch_campaign",
        TEXT,
        "Campaign of the first visit, else of the advertisement's form",
        "coalesce(first_click.utm_campaign, c.utm ->> 'campaign', form.campaign_name)",
    ),
    Column(
        "platform",
        CHOICE,
        "FACEBOOK, GOOGLE, ...: of the first visit, else of the advertisement's form",
        "coalesce(first_click.platform, upper(form.platform))",
    ),
)

_STAGE = (
    Column(
        "lead_stage",
        CHOICE,
        "New; Personal, Employment, Bank by the last step that is done; On-boarding completed; the status of the "
        "latest loan; Rejected",
        f"CASE WHEN l.status = 'REJECTED' THEN 'Rejected' ELSE coalesce(l.status, {_BOARDED}) END",
    ),
    Column(
        "lead_status",
        CHOICE,
        "NEW, IN PROCESS, SANCTIONED, DISBURSED (whatever became of it later), REJECTED, CANCELLED",
        f"""CASE WHEN l.disbursed_at IS NOT NULL THEN 'DISBURSED' WHEN l.status IN {_SANCTIONED} THEN 'SANCTIONED'
        WHEN l.status IN ('REJECTED', 'CANCELLED') THEN l.status WHEN l.status IS NOT NULL THEN 'IN PROCESS'
        ELSE 'NEW' END""",
    ),
    Column(
        "journey_type",
        CHOICE,
        "Lead, In Process, Screened, Sanctioned, Disbursed, Rejected, Cancelled",
        f"""CASE WHEN l.disbursed_at IS NOT NULL THEN 'Disbursed' WHEN l.status IN {_SANCTIONED} THEN 'Sanctioned'
        WHEN l.status = 'CREDIT_EXECUTIVE_APPROVED' THEN 'Screened'
        WHEN l.status IN ('REJECTED', 'CANCELLED') THEN initcap(l.status) WHEN l.status IS NOT NULL THEN 'In Process'
        ELSE 'Lead' END""",
    ),
    Column(
        "rejection_date",
        DATE,
        "Day on which the latest loan was rejected",
        f"CASE WHEN l.status = 'REJECTED' THEN {day('steps.rejected_at')} END",
    ),
    Column(
        "is_reloan_case",
        FLAG,
        "An earlier loan was paid out",
        "coalesce(book.first_disbursed_at < l.created_at, false)",
    ),
    Column("otp_verified", FLAG, "The phone was verified", "c.registered_at IS NOT NULL"),
    Column("personal_done", FLAG, "PAN and Aadhaar were verified", _PERSONAL),
    Column("employment_done", FLAG, "The employer is known", _EMPLOYED),
    Column("bank_done", FLAG, "A bank account was verified", _BANK),
    Column("onboarding_completed", FLAG, "All of these", f"{_PERSONAL} AND {_EMPLOYED} AND {_BANK}"),
    Column("applied", FLAG, "A loan was applied for", "book.first_applied_at IS NOT NULL"),
    Column(
        "bre_outcome", CHOICE, "What the rules said first: APPROVE, REFER, REJECT", "first_verdict.outcome"
    ),
    Column("approved", FLAG, "A loan was sanctioned", "reached.approved_at IS NOT NULL"),
    Column("esigned", FLAG, "An agreement was signed", "reached.signed_at IS NOT NULL"),
    Column(
        "first_rejected_for",
        TEXT,
        "First reason of the first rejection",
        "split_part(reached.rejected_for, ',', 1)",
    ),
    Column("won_amount", MONEY, "Principal of all loans that were paid out", "coalesce(won.amount, 0)"),
    Column(
        "matured_loans", INTEGER, "Paid out loans whose due date is 7 days past", "coalesce(won.matured, 0)"
    ),
    Column(
        "fpd7_loans", INTEGER, "Of them, those on which something was owed then", "coalesce(won.unpaid_7, 0)"
    ),
    Column("revenue", MONEY, "Fees, interest, penal and other charges booked", "coalesce(earned.amount, 0)"),
    Column(
        "hours_to_disbursal",
        INTEGER,
        "Whole hours from the phone to the first credit",
        "floor(extract(epoch FROM book.first_disbursed_at - c.created_at) / 3600)",
    ),
)


def _hours(name: str, meaning: str, since: str, until: str) -> Column:
    return Column(
        name,
        PERCENT,
        f"Hours from {meaning}, two places",
        f"CASE WHEN {until} >= {since} THEN extract(epoch FROM {until} - {since}) / 3600 END",
    )


_ACCEPTED = "greatest(steps.signed_at, steps.approved_at)"
_WAY = (
    Column(
        "current_state",
        TEXT,
        "Status of the latest loan; without one New, Personal, Employment, Bank, On-boarding completed, by the last "
        "step that is done",
        f"coalesce(l.status, {_BOARDED})",
    ),
    Column(
        "docs_uploaded_by",
        CHOICE,
        "CUSTOMER, STAFF, BOTH",
        """CASE WHEN uploads.by_customer AND uploads.by_staff THEN 'BOTH' WHEN uploads.by_customer THEN 'CUSTOMER'
        WHEN uploads.by_staff THEN 'STAFF' END""",
    ),
    Column("screen_by", TEXT, "Credit executive who had the application first", "screener.name"),
    Column("screener_assign_at", INSTANT, "When it was given to them", "screener.created_at"),
    Column("screener_recommended_at", INSTANT, "When it was recommended last", "steps.recommended_at"),
    Column("sanction_recommended_at", INSTANT, "When it was sanctioned first", "steps.first_approved_at"),
    Column("sanction_approved_at", INSTANT, "When it was approved finally", "steps.approved_at"),
    Column("cam_save_at", INSTANT, "When the latest CAM was saved", "cam.created_at"),
    Column(
        "disbursal_assign_at",
        INSTANT,
        "When it came to the payout desk: approved and signed",
        f"CASE WHEN l.agreement_status = 'SIGNED' AND steps.approved_at IS NOT NULL THEN {_ACCEPTED} END",
    ),
    Column("disbursal_recommended_at", INSTANT, "When the payout was proposed", "release.created_at"),
    Column("disbursal_approved_by", TEXT, "Who released it", "release.decided_by"),
    Column("final_disbursed_at", INSTANT, "When the money was credited", "l.disbursed_at"),
    Column("rejected_at", INSTANT, "When it was rejected last", "steps.rejected_at"),
    Column("rejected_by", TEXT, "Who rejected it", "steps.rejected_by"),
    Column("rejected_counter", INTEGER, "How often it was rejected", "coalesce(steps.rejections, 0)"),
    _hours(
        "screen_hours", "the executive to the recommendation", "screener.created_at", "steps.recommended_at"
    ),
    _hours(
        "sanction_hours",
        "the recommendation to the final approval",
        "steps.recommended_at",
        "steps.approved_at",
    ),
    _hours("acceptance_hours", "the final approval to the signature", "steps.approved_at", "steps.signed_at"),
    _hours("disbursal_hours", "the signature to the credit", "steps.signed_at", "l.disbursed_at"),
    _hours("total_hours", "the phone to the credit", "c.created_at", "l.disbursed_at"),
)

COLUMNS = (*_SOURCE, *_STAGE, *_WAY)
