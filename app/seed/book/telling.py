"""What customers were told: what became of an application, what is due, what came in, offers; and papers they gave."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from uuid import UUID

from app.core.clock import INDIA, business_day
from app.core.identity import Role
from app.seed.book.applying import Application
from app.seed.book.desk import Desk

# event: kind, channel, words
_SAID = {
    "application_rejected": ("REQUIRED", "EMAIL", "We could not approve your application."),
    "sanctioned": ("REQUIRED", "EMAIL", "Your loan is sanctioned."),
    "due_reminder": ("DUES", "SMS", "Your loan is due soon."),
    "payment_received": ("REQUIRED", "SMS", "We received your payment. Thank you."),
    "closure_noc": ("REQUIRED", "EMAIL", "Your loan is closed; you owe nothing."),
    "repeat_offer": ("PROMOTION", "SMS", "You may have your next loan in minutes."),
}
# the papers of an application: how many send them
_PAPERS = {"BANK_STATEMENT": 0.8, "SALARY_SLIP": 0.55, "PAN_CARD": 0.35}
_REMINDED_DAYS, _REMINDED_AT = 1, time(10, tzinfo=INDIA)
# a campaign to those who repaid some time ago: of so many at most, and so many days before the end of the book
_OFFERED_MAX, _OFFERED_DAYS, _REPAID_DAYS = 200, 40, 20


def tell(loan: Application) -> None:
    """The messages about an application and its loan, and its papers."""
    _papers(loan)
    rejected = loan.status if loan.status.to == "REJECTED" else None
    for event, at in (
        ("application_rejected", rejected.at if rejected else None),
        ("sanctioned", loan.when("APPROVED")),
        *(("payment_received", at) for step, at in loan.lived if step.amount),
        ("closure_noc", loan.closed_at if loan.status.to == "COMPLETED" else None),
    ):
        if at:
            _message(loan, event, at)
    if loan.credited_at:
        _remind(loan)


def _message(loan: Application, event: str, at: datetime, key: str | None = None) -> str:
    desk, (kind, channel, words) = loan.desk, _SAID[event]
    body, message_id = desk.same(f'{{"text": "{words}"}}', "user_notification.body_enc"), desk.id(at)
    desk.rows.add(
        "user_notification", message_id, loan.person.id, loan.id, event, kind, channel, "SENT", body, key,
        desk.brand.senders[channel], at, "DELIVERED", at, at,
    )  # fmt: skip
    return message_id


def _reminder(loan: Application, event: str, at: datetime, by: str, **of: str | None) -> str:
    """A reminder that became a message."""
    desk, channel = loan.desk, _SAID[event][1]
    reminder_id = desk.id(at - timedelta(hours=10))
    message_id = _message(loan, event, at, f"reminder:{UUID(reminder_id)}")
    desk.rows.add(
        "user_reminder", reminder_id, loan.person.id, loan.id, of.get("campaign_id"), channel, event,
        desk.same("{}", "user_reminder.payload_enc"), at, "SENT", message_id, desk.brand.senders[channel], at, by,
        of.get("raised_for"), at,
    )  # fmt: skip
    return reminder_id


def _remind(loan: Application) -> None:
    """On the day before it is due, of those who owe something then."""
    due_date = loan.credited_on + timedelta(days=loan.life.tenure_days)
    on = due_date - timedelta(days=_REMINDED_DAYS)
    at = datetime.combine(on, _REMINDED_AT)
    if loan.credited_at < at <= min(loan.closed_at or loan.desk.now, loan.desk.now):
        raised_for = f"{UUID(loan.id)}:{due_date}:{on}:{_SAID['due_reminder'][1]}"
        _reminder(loan, "due_reminder", at, "system", raised_for=raised_for)


def _papers(loan: Application) -> None:
    desk, at = loan.desk, loan.applied_at + timedelta(minutes=3)
    for kind, share in _PAPERS.items():
        if desk.draw.random() < share and at <= desk.now:
            paper_id = desk.id(at)
            desk.rows.add(
                "document", paper_id, loan.person.id, loan.id, kind, f"{desk.brand.id}/documents/{paper_id}.enc",
                f"{desk.draw.getrandbits(256):064x}", "application/pdf", desk.draw.randint(40_000, 900_000),
                "VERIFIED", "CUSTOMER", at,
            )  # fmt: skip


def offer_again(desk: Desk, loans: Iterable[Application]) -> None:
    """A campaign to some who repaid and did not come back, if there are any; they agreed to hear offers."""
    day = business_day(desk.now) - timedelta(days=_OFFERED_DAYS + desk.draw.randint(0, 90))
    at = datetime.combine(day, time(12, tzinfo=INDIA))
    newest = {loan.person.id: loan for loan in loans if loan.applied_at < at}
    repaid = [
        loan
        for loan in newest.values()
        if loan.status.to == "COMPLETED" and loan.closed_at < at - timedelta(days=_REPAID_DAYS)
    ][:_OFFERED_MAX]
    if not repaid:
        return
    campaign_id, by, ended_at = (
        desk.id(at),
        desk.one_of(Role.ADMIN),
        at + timedelta(minutes=len(repaid) // 60 + 1),
    )
    desk.rows.add(
        "campaign", campaign_id, f"Come back, {day:%B %Y}", "CLOSED", desk.brand.seal("{}", "campaign.filters_enc"),
        "SMS", "repeat_offer", "{}", 60, "COMPLETED", len(repaid), at, ended_at, by, at,
    )  # fmt: skip
    for number, loan in enumerate(repaid):
        desk.rows.add(
            "consent", desk.id(loan.applied_at), loan.person.id, "MARKETING", "2026-01", loan.applied_at
        )
        told_at = at + timedelta(seconds=number)
        reminder_id = _reminder(loan, "repeat_offer", told_at, by, campaign_id=campaign_id)
        desk.rows.add(
            "campaign_recipient", desk.id(at), campaign_id, loan.person.id, loan.id, reminder_id, at
        )
