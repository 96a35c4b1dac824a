"""The life of messages: a batch is claimed by one worker, handed over outside of any transaction, and settled.

    PENDING -> SENDING -> SENT
                       -> PENDING (another try, later)
                       -> FAILED (a dead letter)
    PENDING -> SUPPRESSED (it must not be said), or waits for its hour

No provider knows an idempotency key. A worker that dies between handing over and settling leaves SENDING behind: what
may be repeated (`app.messaging.kinds`) is then sent again, the rest becomes a dead letter, for a person to look at.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from app.brands import service as brands
from app.core import clock
from app.core.database import brand_scope, update_rows
from app.core.outbox import enqueue
from app.customers import service as customers
from app.messaging.delivery import gates, second_channel, sending
from app.messaging.delivery.sending import Outcome, Parcel
from app.messaging.kinds import KINDS
from app.messaging.models import UserNotification
from app.provider_calls import service as provider_calls

log = structlog.get_logger()
# longer than a batch takes whose providers, one after the other, answer late
CLAIM_LASTS = timedelta(minutes=6)
BACKOFF_S = 1.0  # doubled for each try
FEW = 5  # messages of one job that others may wait behind
UNSURE = "It is not known whether it was sent"
Messages = Sequence[UserNotification]
# what settling needs to know: what a message says is not read again
_SETTLED = [
    getattr(UserNotification, name)
    for name in ("id", "kind", "channel", "attempts", "cost_paise", "then_job")
]


def deliver(brand_id: str, message_ids: Iterable[str]) -> None:
    """Send those of these messages that were not sent yet, and may be. Safe to run twice, also at the same time.

    One that cannot be made ready does not hold up the others: what went wrong is raised at the end.
    """
    with brand_scope(brand_id):
        batches = list(_batches([UUID(message_id) for message_id in message_ids]))
    failure: Exception | None = None
    while batches:
        batch = batches.pop(0)
        try:
            _deliver(brand_id, batch)
        except Exception as error:  # whatever it is: the job is tried again for it
            if len(batch) > 1:
                batches += [[message_id] for message_id in batch]
                continue
            log.warning("message not delivered", message=batch[0], exc_info=True)
            failure = error
    if failure:
        raise failure


def _batches(message_ids: Sequence[UUID]) -> Iterator[list[UUID]]:
    """Those that go out alike, as many as one request takes."""
    columns = (
        UserNotification.id,
        UserNotification.channel,
        UserNotification.template_id,
        UserNotification.event,
    )
    alike = defaultdict(list)
    for message_id, *words in UserNotification.select(*columns).where(_among(message_ids)).tuples():
        alike[tuple(words)].append(message_id)
    for (channel, *_), found in alike.items():
        size = sending.together(channel)
        for start in range(0, len(found), size):
            yield found[start : start + size]


def _among(message_ids: Iterable[UUID]) -> Any:
    return UserNotification.id.in_(list(message_ids))


def _deliver(brand_id: str, batch: Sequence[UUID]) -> None:
    with brand_scope(brand_id):
        parcels = _claim(batch)
    outcomes = sending.hand_over(parcels, brand_id)
    with brand_scope(brand_id):
        _settle(outcomes)


def _locked(message_ids: Iterable[UUID], columns: Sequence[Any] = ()) -> Messages:
    """In an order that all keep, so that nobody waits for somebody who waits for them."""
    query = UserNotification.select(*columns).where(_among(message_ids))
    return list(query.order_by(UserNotification.id).for_update())


def _claim(batch: Sequence[UUID]) -> list[Parcel]:
    """Those of the batch that are to be sent now, made ready to go and this worker's alone."""
    messages = _open(_locked(batch))
    messages = _passing(messages, gates.ask(messages))
    people = customers.reachable({message.customer_id for message in messages})
    lost = {m for m in messages if not sending.address(people[m.customer_id], m.channel)}
    end(dict.fromkeys(lost, "NO_ADDRESS"), "FAILED")
    reached = [message for message in messages if message not in lost]
    messages = _passing(reached, gates.reach(reached))
    parcels = sending.pack(messages, people)
    same = {"status": "SENDING", "claimed_at": clock.now()}
    update_rows(UserNotification, [{"id": m.id, "attempts": m.attempts + 1, **same} for m in messages])
    return parcels


def _passing(messages: Messages, verdicts: Mapping[UUID, gates.Verdict]) -> Messages:
    """Those that go; the others wait, or are over."""
    told = {message: verdicts[message.id] for message in messages}
    end({message: verdict.refused for message, verdict in told.items() if verdict.refused}, "SUPPRESSED")
    _wait({message: verdict.wait_until for message, verdict in told.items() if verdict.wait_until})
    return [message for message, verdict in told.items() if verdict == gates.GO]


def _open(messages: Messages) -> Messages:
    """Those to be sent; what a dead worker left behind is given up, unless it may be repeated."""
    now = clock.now()
    claimed = [message for message in messages if message.status == "SENDING"]
    left = {message for message in claimed if message.claimed_at + CLAIM_LASTS <= now}
    # whoever has them may have died a moment ago
    start([message.id for message in claimed if message not in left], delay_s=CLAIM_LASTS.total_seconds())
    end({message: UNSURE for message in left if not KINDS[message.kind].repeats}, "FAILED")
    return [
        message
        for message in messages
        if (message.status == "PENDING" and message.due_at <= now)
        or (message in left and KINDS[message.kind].repeats)
    ]


def _settle(outcomes: Mapping[str, Outcome]) -> None:
    """Write down what came of a batch that was handed over."""
    if not outcomes:
        return
    messages = _locked((UUID(reference) for reference in outcomes), _SETTLED)
    told = {message: outcomes[str(message.id)] for message in messages}
    _sent({message: outcome for message, outcome in told.items() if outcome.is_sent})
    attempts_max = brands.settings()["messages"]["attempts_max"]
    ended, again = {}, {}
    for message, outcome in told.items():
        if outcome.is_sent:
            continue
        if outcome.is_unsure and not KINDS[message.kind].repeats:
            ended[message] = f"{UNSURE}: {outcome.reason}"
        elif outcome.again and message.attempts < attempts_max:
            again[message] = outcome.reason
        else:
            ended[message] = outcome.reason
    end(ended, "FAILED")
    update_rows(UserNotification, [{"id": m.id, "reason": reason} for m, reason in again.items()])
    now = clock.now()
    _wait({m: now + timedelta(seconds=BACKOFF_S * 2**m.attempts) for m in again})


def _sent(taken: Mapping[UserNotification, Outcome]) -> None:
    paid_to = {(outcome.provider, sending.OPERATIONS[m.channel]) for m, outcome in taken.items()}
    prices = {whom: provider_calls.price(*whom) for whom in paid_to}
    now = clock.now()
    update_rows(
        UserNotification,
        [
            {
                "id": message.id,
                "provider": outcome.provider,
                "provider_message_id": outcome.message_id,
                "sent_at": now,
                # one that is sent again is paid for again
                "cost_paise": message.cost_paise
                + prices[outcome.provider, sending.OPERATIONS[message.channel]],
            }
            for message, outcome in taken.items()
        ],
    )
    end(dict.fromkeys(taken), "SENT")


def _wait(until: Mapping[UserNotification, datetime]) -> None:
    """Other jobs will look at them, each at its time."""
    same = {"status": "PENDING"}
    update_rows(UserNotification, [{"id": m.id, "due_at": due_at, **same} for m, due_at in until.items()])
    together = defaultdict(list)
    for message, due_at in until.items():
        together[due_at].append(message.id)
    for due_at, message_ids in together.items():
        start(message_ids, delay_s=(due_at - clock.now()).total_seconds())


def end(reasons: Mapping[UserNotification, str | None], status: str) -> None:
    """They are over: whoever asked to hear of that, hears; what surely did not arrive goes out on another channel."""
    rows = [{"id": message.id, "status": status, "reason": reason} for message, reason in reasons.items()]
    update_rows(UserNotification, rows)
    if status == "FAILED":
        start(
            second_channel.for_failed(
                m.id for m, why in reasons.items() if not (why or "").startswith(UNSURE)
            )
        )
    told = defaultdict(list)
    for message in reasons:
        if message.then_job:
            told[message.then_job].append(str(message.id))
    for then_job, message_ids in told.items():
        enqueue(then_job, message_ids=message_ids)


def start(message_ids: list[UUID], delay_s: float = 0) -> None:
    """Have these messages delivered by one job."""
    if message_ids:
        brand_id = brands.current().id
        enqueue(
            "messaging.deliver_many" if len(message_ids) > FEW else "messaging.deliver",
            delay_s=delay_s,
            brand_id=brand_id,
            message_ids=[str(message_id) for message_id in message_ids],
        )
