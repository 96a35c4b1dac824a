"""What is due becomes a message, once, whoever many schedulers and workers look; and what became of it comes back.

Due rows are claimed with SKIP LOCKED and marked with their message in the same transaction, under a key of their own
that the messages know as well. So a worker that dies leaves rows that are due, and nobody is told anything twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.database import brand_scope, update_rows
from app.core.errors import DomainError
from app.loans import service as loans
from app.messaging import service as messaging
from app.messaging.service import To
from app.messaging.templates import wording
from app.reminders import service
from app.reminders.models import UserReminder
from app.reminders.states import CANCELLED, FAILED, PENDING, REMINDER, SENT
from app.reminders.values import filled

BATCH = 500
BATCHES = 4
# the job that hears of the end of messages
SETTLE = "reminders.settle"
# how a message ends -> how its reminder does
ENDS: Mapping[str, str] = {"SENT": SENT, "FAILED": FAILED, "SUPPRESSED": FAILED}


def are_due() -> bool:
    """Whether anything is to be sent now."""
    return _due().exists()


def send_due(brand_id: str) -> bool:
    """Hand over what is due, a batch a transaction; whether there may be more than BATCHES of it."""
    for _ in range(BATCHES):
        with brand_scope(brand_id):
            if hand_over() < BATCH:
                return False
    return True


def _due() -> Any:
    waiting = UserReminder.status == PENDING, UserReminder.message_id.is_null()
    return UserReminder.select().where(*waiting, UserReminder.scheduled_at <= clock.now())


def hand_over() -> int:
    """Claim a batch of what is due that nobody else has, and make messages of it; how many."""
    order = UserReminder.scheduled_at, UserReminder.id
    claimed = list(_due().order_by(*order).limit(BATCH).for_update("FOR UPDATE SKIP LOCKED"))
    by_words = defaultdict(list)
    for reminder in _standing(claimed):
        by_words[reminder.template_code, reminder.channel].append(reminder)
    for (code, channel), reminders in by_words.items():
        _say(code, channel, _allowed(code, reminders))
    return len(claimed)


def _allowed(code: str, reminders: Sequence[UserReminder]) -> list[UserReminder]:
    """But for those of campaigns whose customers have fallen overdue, where it is not said to them."""
    of_campaigns = {reminder.customer_id for reminder in reminders if reminder.campaign_id}
    barred = service.barred(of_campaigns, wording.kind_of(code)) if of_campaigns else set()
    stopped = [each for each in reminders if each.campaign_id and each.customer_id in barred]
    _fail([(reminder, service.OVERDUE) for reminder in stopped])
    return [reminder for reminder in reminders if reminder not in stopped]


def _standing(claimed: Sequence[UserReminder]) -> list[UserReminder]:
    """Those that still have a reason: who has paid in the meantime is not reminded of what was due."""
    known = loans.by_ids({reminder.loan_id for reminder in claimed if reminder.raised_for})
    paid = [r for r in claimed if r.raised_for and not known[r.loan_id].outstanding_amount]
    REMINDER.move_all(paid, CANCELLED, reason="Nothing is owed any more.")
    return [reminder for reminder in claimed if reminder not in paid]


def _say(code: str, channel: str, reminders: Sequence[UserReminder]) -> None:
    try:
        # a template that is gone leaves the loans' values out, and send_all says so
        variables = wording.get(code, channel, None).variables
        answers = messaging.send_all(code, channel, _round(reminders, variables), then=SETTLE)
    except DomainError as refusal:
        answers = {key_of(reminder.id): refusal for reminder in reminders}
    made = [(reminder, answers[key_of(reminder.id)]) for reminder in reminders]
    update_rows(
        UserReminder, [{"id": r.id, "message_id": told} for r, told in made if isinstance(told, UUID)]
    )
    _fail([(reminder, told.message) for reminder, told in made if isinstance(told, DomainError)])


def key_of(reminder_id: UUID) -> str:
    """Under which a reminder's message is sent once."""
    return f"reminder:{reminder_id}"


def _round(reminders: Iterable[UserReminder], variables: Sequence[str]) -> list[To]:
    known = loans.by_ids({reminder.loan_id for reminder in reminders if reminder.loan_id})
    return [
        To(
            reminder.customer_id,
            key_of(reminder.id),
            filled(reminder.payload, known.get(reminder.loan_id), variables),
            reminder.loan_id,
        )
        for reminder in reminders
    ]


def _fail(failed: Sequence[tuple[UserReminder, str]]) -> None:
    REMINDER.move_all([reminder for reminder, _ in failed], FAILED)
    update_rows(UserReminder, [{"id": reminder.id, "reason": reason} for reminder, reason in failed])


def _end_of(message: messaging.UserNotification) -> str:
    return CANCELLED if messaging.is_withdrawn(message) else ENDS[message.status]


def settle(message_ids: Collection[UUID]) -> None:
    """Take over the end of these messages, those that are over and were not taken over before."""
    told = messaging.ended(message_ids)
    mine = UserReminder.message_id.in_(list(told)), UserReminder.status == PENDING
    columns = UserReminder.id, UserReminder.brand_id, UserReminder.status, UserReminder.message_id
    query = UserReminder.select(*columns).where(*mine)
    found = list(query.order_by(UserReminder.id).for_update())
    for end in (SENT, FAILED, CANCELLED):
        REMINDER.move_all([r for r in found if _end_of(told[r.message_id]) == end], end)
    names = ("provider", "provider_message_id", "reason", "sent_at")
    rows = [{"id": r.id} | {name: getattr(told[r.message_id], name) for name in names} for r in found]
    update_rows(UserReminder, rows)
