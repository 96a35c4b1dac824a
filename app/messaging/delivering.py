"""The life of a message: claimed by one worker, handed over outside of any transaction, and settled.

    PENDING -> SENDING -> SENT
                       -> PENDING (another try, later)
                       -> FAILED (a dead letter)
    PENDING -> SUPPRESSED (it must not be said), or waits for its hour

No provider knows an idempotency key. A worker that dies between handing over and settling leaves SENDING behind: what
may be repeated (`app.messaging.kinds`) is then sent again, the rest becomes a dead letter, for a person to look at.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import structlog

from app.brands import service as brands
from app.core import clock
from app.core.database import brand_scope
from app.core.outbox import enqueue
from app.customers import service as customers
from app.messaging import gates, sending, standing_in
from app.messaging.kinds import KINDS
from app.messaging.models import UserNotification
from app.messaging.sending import Outcome, Parcel
from app.provider_calls import service as provider_calls

log = structlog.get_logger()
# longer than the longest line of providers takes to answer
CLAIM_LASTS = timedelta(minutes=3)
BACKOFF_S = 1.0  # doubled for each try
UNSURE = "It is not known whether it was sent"


def deliver(brand_id: str, message_ids: Iterable[str]) -> None:
    """Send those of these messages that were not sent yet, and may be. Safe to run twice, also at the same time.

    One that cannot be made ready does not hold up the others: what went wrong is raised at the end.
    """
    failure: Exception | None = None
    for message_id in message_ids:
        try:
            _deliver(brand_id, message_id)
        except Exception as error:  # whatever it is: the job is tried again for it
            log.warning("message not delivered", message=message_id, exc_info=True)
            failure = error
    if failure:
        raise failure


def _deliver(brand_id: str, message_id: str) -> None:
    with brand_scope(brand_id):
        claimed = _claim(message_id)
    if claimed is None:
        return
    parcel, repeats = claimed
    outcome = sending.hand_over(parcel, brand_id, even_unsure=repeats)
    with brand_scope(brand_id):
        _settle(message_id, outcome)


def _claim(message_id: str) -> tuple[Parcel, bool] | None:
    """The message made ready to go, now this worker's alone; None if there is nothing to send now."""
    message = UserNotification.select().where(UserNotification.id == message_id)
    message = message.for_update().first()
    if message is None or not _is_open(message):
        return None
    if not _passes(message, gates.ask(message)):
        return None
    customer = customers.get(message.customer_id)
    if not sending.address(customer, message.channel):
        end(message, "FAILED", "NO_ADDRESS")
        return None
    if not _passes(message, gates.reach(message)):
        return None
    message.change(status="SENDING", claimed_at=clock.now(), attempts=message.attempts + 1)
    return sending.pack(message, customer), KINDS[message.kind].repeats


def _passes(message: UserNotification, verdict: gates.Verdict) -> bool:
    if verdict.refused:
        end(message, "SUPPRESSED", verdict.refused)
    elif verdict.wait_until:
        _wait(message, (verdict.wait_until - clock.now()).total_seconds())
    return verdict == gates.GO


def _is_open(message: UserNotification) -> bool:
    """Whether it is to be sent; what a dead worker left behind is given up, unless it may be repeated."""
    if message.status == "PENDING":
        return message.due_at <= clock.now()
    if message.status != "SENDING" or message.claimed_at + CLAIM_LASTS > clock.now():
        return False
    if KINDS[message.kind].repeats:
        return True
    end(message, "FAILED", UNSURE)
    return False


def _settle(message_id: str, outcome: Outcome) -> None:
    message = UserNotification.find(message_id).locked()
    if outcome.is_sent:
        price = provider_calls.price(outcome.provider, sending.OPERATIONS[message.channel])
        message.change(
            provider=outcome.provider,
            provider_message_id=outcome.message_id,
            sent_at=clock.now(),
            # one that is sent again is paid for again
            cost_paise=message.cost_paise + price,
        )
        end(message, "SENT", None)
    elif outcome.is_unsure and not KINDS[message.kind].repeats:
        end(message, "FAILED", f"{UNSURE}: {outcome.reason}")
    elif outcome.again and message.attempts < brands.settings()["messages"]["attempts_max"]:
        message.change(reason=outcome.reason)
        _wait(message, BACKOFF_S * 2**message.attempts)
    else:
        end(message, "FAILED", outcome.reason)


def _wait(message: UserNotification, delay_s: float) -> None:
    """Another job will look at it, `delay_s` seconds from now."""
    message.change(status="PENDING", due_at=clock.now() + timedelta(seconds=delay_s))
    start([message.id], delay_s=delay_s)


def end(message: UserNotification, status: str, reason: str | None) -> None:
    """It is over: whoever asked to hear of that, hears; what surely did not arrive goes out on another channel."""
    message.change(status=status, reason=reason)
    if status == "FAILED" and not (reason or "").startswith(UNSURE):
        start(standing_in.for_failed(message))
    if message.then_job:
        enqueue(message.then_job, message_id=message.id)


def start(message_ids: list[UUID], delay_s: float = 0) -> None:
    """Have these messages delivered by one job."""
    if message_ids:
        brand_id = brands.current().id
        enqueue(
            "messaging.deliver",
            delay_s=delay_s,
            brand_id=brand_id,
            message_ids=[str(message_id) for message_id in message_ids],
        )
