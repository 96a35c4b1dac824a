"""What is due becomes a message, once, whoever many schedulers and workers look; and what became of it comes back.

Due rows are claimed with SKIP LOCKED and marked with their message in the same transaction, under a key of their own
that the messages know as well. So a worker that dies leaves rows that are due, and nobody is told anything twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg2.extras import execute_values

from app.core import clock
from app.core.database import brand_scope, db
from app.core.errors import DomainError
from app.loans import service as loans
from app.messaging import service as messaging
from app.messaging import wording
from app.messaging.service import To
from app.reminders.models import UserReminder
from app.reminders.states import CANCELLED, FAILED, PENDING, REMINDER, SENT
from app.reminders.values import filled

BATCH = 500
# how a message ends -> how its reminder does
ENDS: Mapping[str, str] = {"SENT": SENT, "FAILED": FAILED, "SUPPRESSED": FAILED}


def are_due() -> bool:
    """Whether anything is to be sent now."""
    return _due().exists()


def are_on_their_way() -> bool:
    """Whether the end of any message is waited for."""
    return UserReminder.select().where(*_handed_over()).exists()


def send_due(brand_id: str) -> None:
    """Hand over everything that is due, a batch a transaction."""
    while True:
        with brand_scope(brand_id):
            if hand_over() < BATCH:
                return


def _due() -> Any:
    waiting = UserReminder.status == PENDING, UserReminder.message_id.is_null()
    return UserReminder.select().where(*waiting, UserReminder.scheduled_at <= clock.now())


def _handed_over() -> tuple[Any, Any]:
    return UserReminder.status == PENDING, UserReminder.message_id.is_null(False)


def hand_over() -> int:
    """Claim a batch of what is due that nobody else has, and make messages of it; how many."""
    order = UserReminder.scheduled_at, UserReminder.id
    claimed = list(_due().order_by(*order).limit(BATCH).for_update("FOR UPDATE SKIP LOCKED"))
    by_words = defaultdict(list)
    for reminder in _standing(claimed):
        by_words[reminder.template_code, reminder.channel].append(reminder)
    for (code, channel), reminders in by_words.items():
        _say(code, channel, reminders)
    return len(claimed)


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
        answers = messaging.send_all(code, channel, _round(reminders, variables))
    except DomainError as refusal:
        answers = {key_of(reminder.id): refusal for reminder in reminders}
    made = [(reminder, answers[key_of(reminder.id)]) for reminder in reminders]
    _write({"message_id": "uuid"}, [(r.id, str(told)) for r, told in made if isinstance(told, UUID)])
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
    _write({"reason": "text"}, [(reminder.id, reason) for reminder, reason in failed])


def _write(kinds: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Values of its own for each row, in one statement: its id, and a value for each column of `kinds`."""
    if not rows:
        return
    names = ", ".join(kinds)
    values = ", ".join(["%s::uuid", *(f"%s::{kind}" for kind in kinds.values())])
    own = ", ".join(f"{name} = v.{name}" for name in kinds)
    # the names are ours, the values go as such
    statement = f"UPDATE user_reminder r SET {own} FROM (VALUES %s) v (id, {names}) WHERE r.id = v.id"  # noqa: S608 - names of ours
    with db.cursor() as cursor:
        told = [(str(row_id), *more) for row_id, *more in rows]
        execute_values(cursor, statement, told, template=f"({values})", page_size=len(told))


def settle_all(brand_id: str) -> tuple[int, int]:
    """Bring back what became of messages: how many are over now, and how many still on their way."""
    over = open_ = 0
    after: UUID | None = None
    while True:
        with brand_scope(brand_id):
            batch = _on_their_way(after)
            settled = _settle({reminder.message_id for reminder in batch})
        over, open_ = over + settled, open_ + len(batch) - settled
        if len(batch) < BATCH:
            return over, open_
        after = batch[-1].id


def _on_their_way(after: UUID | None) -> list[UserReminder]:
    query = UserReminder.select(UserReminder.id, UserReminder.message_id).where(*_handed_over())
    query = query.where(UserReminder.id > after) if after else query
    return list(query.order_by(UserReminder.id).limit(BATCH))


def _settle(message_ids: set[UUID]) -> int:
    """Take over the end of those of these messages that are over; how many."""
    told = messaging.ended(message_ids)
    mine = UserReminder.message_id.in_(list(told)), UserReminder.status == PENDING
    columns = UserReminder.id, UserReminder.brand_id, UserReminder.status, UserReminder.message_id
    found = list(UserReminder.select(*columns).where(*mine).for_update("FOR UPDATE SKIP LOCKED"))
    for end in (SENT, FAILED):
        REMINDER.move_all([r for r in found if ENDS[told[r.message_id].status] == end], end)
    names = {"provider": "text", "provider_message_id": "text", "reason": "text", "sent_at": "timestamptz"}
    _write(names, [(r.id, *(getattr(told[r.message_id], name) for name in names)) for r in found])
    return len(found)
