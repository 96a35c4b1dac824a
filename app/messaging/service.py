"""Messages to customers: recorded with the change they tell of, sent by a job after it.

Two doors. `notify` is for what happens to a customer: the brand's policy says on which channels. `send` and `send_all`
are for what somebody decided to say: a template, a channel, a key.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from peewee import ModelSelect

from app.core.database import insert_rows
from app.core.errors import Conflict, DomainError
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.customers import service as customers
from app.customers.service import Customer
from app.messaging.delivery import gates, sending
from app.messaging.delivery import service as delivering
from app.messaging.events import EVENTS
from app.messaging.kinds import KINDS
from app.messaging.models import UserNotification
from app.messaging.policy import CUSTOMER
from app.messaging.rules import channels_of, instead_of, tells_staff
from app.messaging.templates import wording
from app.messaging.templates.wording import Words
from app.messaging.wishes import service as wishes

BATCH = 250  # messages a job


def notify(
    customer_id: UUID | str,
    event: str,
    *,
    loan_id: UUID | None = None,
    documents: Sequence[UUID] = (),
    **variables: Any,
) -> None:
    """`event` happened to a customer: tell everybody whom the brand's policy names (`app.messaging.policy`).

    The customer hears on each of its channels that has words and an address; nothing where the event needs a consent
    that is not there. `documents` go along as attachments of the mail. Raises KeyError for an unknown event or
    variable.
    """
    if tells_staff(event):
        told = {name: str(value) for name, value in variables.items()}
        enqueue("messaging.tell_staff", event=event, loan_id=str(loan_id) if loan_id else None, values=told)
    customer, kind = customers.get(customer_id), EVENTS[event].kind
    if gates.not_agreed(customer.id, kind):
        return
    found = {
        channel: words
        for channel in _agreed(customer.id, event)
        if sending.address(customer, channel)
        and (words := wording.find(event, channel, customer.preferred_language))
    }
    attached = [str(document_id) for document_id in documents]
    for channel in wishes.chosen(customer.id, list(found), KINDS[kind].can_be_stopped):
        words = found[channel]
        body = words.fill(customer.name, variables) | {"documents": attached}
        if instead_of(event, channel):
            body["given"] = {name: str(value) for name, value in variables.items()}
        row = UserNotification.create(**_row(words, customer, body, loan_id=loan_id))
        delivering.start([row.id])


def _agreed(customer_id: UUID, event: str) -> list[str]:
    """The channels that the policy names; where the customer did not agree to one, that which stands in, or SMS."""
    kind, channels = EVENTS[event].kind, channels_of(event, CUSTOMER)
    refused = [channel for channel in channels if gates.not_agreed(customer_id, kind, channel)]
    others = {channel: instead_of(event, channel) or "SMS" for channel in refused}
    return list(dict.fromkeys(others.get(channel, channel) for channel in channels))


@dataclass(frozen=True)
class To:
    """One message of a round: to whom, with which values, and the key under which it is sent once."""

    customer_id: UUID
    key: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    loan_id: UUID | None = None


def send(
    customer_id: UUID | str,
    code: str,
    channel: str,
    variables: Mapping[str, Any],
    *,
    key: str,
    loan_id: UUID | None = None,
    then: str | None = None,
) -> UUID:
    """Say the template (or event) `code` on one channel (SMS, WHATSAPP, EMAIL); the id of the message.

    Idempotent: a key that was used gives the message that it was used for, and nothing is sent again. Call it in the
    transaction of the change it belongs to; a job sends it afterwards. Whether it may leave (wishes, consent, hours)
    is asked when it would: it then ends as SUPPRESSED, or waits. `then` names a job that is run as
    `job(message_ids=[...])` when it is over (SENT, FAILED, SUPPRESSED), once for all that end together; ask `outcomes`
    how. Raises NotFound (no such customer, or no words on that channel), Invalid naming each variable that is missing
    or unknown, Conflict (NO_ADDRESS).
    """
    to = To(customers.get(customer_id).id, key, variables, loan_id)
    sent = send_all(code, channel, [to], then=then)[key]
    if isinstance(sent, DomainError):
        raise sent
    return sent


def send_all(
    code: str, channel: str, round_: Sequence[To], *, then: str | None = None
) -> dict[str, UUID | DomainError]:
    """`send` for many, at most some thousands a transaction, in a few statements: by key the id of the message, or why
    there is none. Raises NotFound if nobody can be told that on this channel. Customers that do not exist are left out.
    """
    people = customers.reachable({to.customer_id for to in round_})
    words = {person.preferred_language: None for person in people.values()}
    words = {language: wording.get(code, channel, language) for language in words}
    found = _by_key([to.key for to in round_])
    answers: dict[str, UUID | DomainError] = dict(found)
    rows = {}
    for to in round_:
        person = people.get(to.customer_id)
        if to.key in answers or to.key in rows or person is None:
            continue
        try:
            rows[to.key] = _made(words[person.preferred_language], person, channel, to, then)
        except DomainError as error:
            answers[to.key] = error
    return answers | _insert(rows)


def _made(words: Words, person: Customer, channel: str, to: To, then: str | None) -> dict[str, Any]:
    words.check(to.variables)
    if not sending.address(person, channel):
        raise Conflict("The customer has no address on this channel.", code="NO_ADDRESS", field="channel")
    body = words.fill(person.name, to.variables) | {"documents": []}
    return _row(words, person, body, loan_id=to.loan_id) | {"key": to.key, "then_job": then}


def _row(words: Words, person: Customer, body: dict[str, Any], loan_id: UUID | None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "customer_id": person.id,
        "loan_id": loan_id,
        "event": words.code,
        "kind": words.kind,
        "channel": words.channel,
        "language": words.language,
        "template_id": words.template_id,
        "body": body,
    }


def _insert(rows: Mapping[str, dict[str, Any]]) -> dict[str, UUID]:
    """Those that nobody else made meanwhile, delivered; and the ids of all."""
    if not rows:
        return {}
    insert_rows(UserNotification, list(rows.values()), skip_known=True)
    by_key = _by_key(rows)
    new = [row["id"] for key, row in rows.items() if by_key[key] == row["id"]]
    for start in range(0, len(new), BATCH):
        delivering.start(new[start : start + BATCH])
    return by_key


def _by_key(keys: Iterable[str]) -> dict[str, UUID]:
    query = UserNotification.select(UserNotification.key, UserNotification.id)
    return {row.key: row.id for row in query.where(UserNotification.key.in_(list(keys)))}


def withdraw(message_ids: Collection[UUID], reason: str) -> set[UUID]:
    """Do not send those of these messages that nobody has begun to send; which they are."""
    waiting = UserNotification.id.in_(list(message_ids)), UserNotification.status == "PENDING"
    found = list(
        UserNotification.select()
        .where(*waiting)
        .order_by(UserNotification.id)
        .for_update("FOR UPDATE SKIP LOCKED")
    )
    delivering.end(dict.fromkeys(found, reason), "SUPPRESSED")
    return {message.id for message in found}


def is_withdrawn(message: UserNotification) -> bool:
    """Whether there was no occasion for it any more when it would have left."""
    return message.status == "SUPPRESSED" and (message.reason or "").startswith(gates.WITHDRAWN)


def outcomes(message_ids: Collection[UUID]) -> dict[UUID, UserNotification]:
    """How these messages stand: `status`, `reason`, `provider`, `provider_message_id`, `delivery`."""
    query = UserNotification.select().where(UserNotification.id.in_(list(message_ids)))
    return {message.id: message for message in query}


def ended(message_ids: Collection[UUID]) -> dict[UUID, UserNotification]:
    """Those of these messages that are over (SENT, FAILED, SUPPRESSED), without what they say."""
    names = ("id", "brand_id", "status", "reason", "provider", "provider_message_id", "sent_at")
    over = UserNotification.status.in_(["SENT", "FAILED", "SUPPRESSED"])
    query = UserNotification.select(*(getattr(UserNotification, name) for name in names))
    return {row.id: row for row in query.where(UserNotification.id.in_(list(message_ids)), over)}


def told(customer_id: UUID, loan_id: UUID | None = None) -> ModelSelect:
    """What a customer was told, newest first; with a loan, of that loan and of none."""
    query = UserNotification.select().where(UserNotification.customer_id == customer_id)
    if loan_id:
        query = query.where((UserNotification.loan_id == loan_id) | UserNotification.loan_id.is_null())
    return query.order_by(UserNotification.id.desc())
