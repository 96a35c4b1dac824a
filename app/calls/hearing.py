"""What became of calls, as webhooks tell it and, where those stay away, as the provider's records do.

A webhook is signed by nobody. So what it tells counts only for a call that we placed, to the number that we placed it
to, under the provider's one id of it, or for one that came in from a customer's phone to a number of the brand's
(app/calls/receiving.py); all else is kept aside with the reason.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.calls import receiving, recordings
from app.calls.models import UserCall, UserCallEvent
from app.calls.receiving import NOT_OURS, OTHER_CALL, OTHER_NUMBER
from app.calls.states import ANSWERED, BUSY, CALL, CONNECTED, DIALLED, FAILED
from app.core import clock
from app.core.database import brand_scope
from app.core.masking import mask_text
from app.customers import service as customers
from app.customers.service import Customer
from app.providers import client
from app.providers.acefone import INBOUND, CallEvent

WEBHOOK, RECORD = "WEBHOOK", "RECORD"
# a record comes a while after the call ended; what has none by then and does not go on did not happen
QUIET_FOR, GIVEN_UP_AFTER = timedelta(minutes=1), timedelta(minutes=15)
# how far the provider's clock and ours may be apart about when a call began
CLOCKS_APART = timedelta(seconds=90)


def hear(told: CallEvent, source: str) -> None:
    """Take over what is told of a call, as far as it fits one of ours."""
    if told.direction == INBOUND:
        call, fault = receiving.find(told)
    else:
        call = _placed(told)
        fault = _fault(call, told)
    UserCallEvent.create(
        user_call_id=call and call.id,
        kind="ENDED" if told.status else "CONNECTED",
        source=source,
        told=_shown(told),
        fault=fault,
    )
    if call and not fault:
        call = call.locked()
        was = call.status
        _take_over(call, told)
        receiving.followed(call, told, was)


def _placed(told: CallEvent) -> UserCall | None:
    """The call that it is about, by our name of it or the provider's."""
    found = _uuid(told.custom_identifier)
    known = [UserCall.id == found] if found else []
    known += [UserCall.ref_id == told.ref_id] if told.ref_id else []
    known += [UserCall.provider_call_id == told.call_id]
    return next(filter(None, (UserCall.get_or_none(condition) for condition in known)), None)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _fault(call: UserCall | None, told: CallEvent) -> str | None:
    if call is None or call.dialled_at is None:
        return NOT_OURS
    if told.customer_number != customers.get(call.customer_id).phone[-10:]:
        return OTHER_NUMBER
    return OTHER_CALL if call.provider_call_id not in (None, told.call_id) else None


def _shown(told: CallEvent) -> dict[str, Any]:
    """What is kept of it: nobody's number, but for the end of a caller's, and no address of a recording."""
    instants = {name: getattr(told, name) for name in ("started_at", "answered_at", "ended_at")}
    same = (
        "call_id",
        "status",
        "direction",
        "agent_number",
        "duration_s",
        "talk_s",
        "hangup_cause",
        "ref_id",
    )
    return (
        {name: getattr(told, name) for name in same}
        | {name: at.isoformat() if at else None for name, at in instants.items()}
        | ({"caller": mask_text(told.customer_number)} if told.direction == INBOUND else {})
    )


def _take_over(call: UserCall, told: CallEvent) -> None:
    target = _target(told)
    if (call.status, target) in CALL.steps:
        CALL.move(call, target, failure_reason=None, **_facts(call, told))
    if call.status == ANSWERED:
        recordings.expect(call, told.recording_url)


def _target(told: CallEvent) -> str:
    if told.status is None:
        return CONNECTED
    # a number that is busy is missed in their words
    return BUSY if "busy" in told.hangup_cause.lower() else told.status


def _facts(call: UserCall, told: CallEvent) -> dict[str, Any]:
    ended_at = told.ended_at or (clock.now() if told.status else None)
    return {
        "provider_call_id": told.call_id,
        "ref_id": told.ref_id or call.ref_id,
        "answered_at": told.answered_at or call.answered_at,
        "ended_at": ended_at,
        "duration_s": told.duration_s,
        "talk_s": told.talk_s,
        "hangup_cause": told.hangup_cause or None,
    }


def follow_up(brand_id: str) -> None:
    """Ask about the calls that nothing was heard of for a while. Raises ProviderError: then nobody is given up."""
    with brand_scope(brand_id):
        waiting = going_on(clock.now() - QUIET_FOR)
        people = customers.by_ids({call.customer_id for call in waiting})
    if not waiting:
        return
    provider = client("acefone", brand_id)
    since = min(call.dialled_at for call in waiting) - CLOCKS_APART
    records = provider.call_records(since, clock.now())
    live = {call.customer_number for call in provider.live_calls()}
    for call in waiting:
        with brand_scope(brand_id):
            _follow_up(call, people[call.customer_id], records, live)


def going_on(before: datetime) -> list[UserCall]:
    """The calls that were dialled before an instant and whose end is not known, oldest first."""
    going = UserCall.status.in_(DIALLED), UserCall.dialled_at < before
    return list(UserCall.select().where(*going).order_by(UserCall.id))


def _follow_up(call: UserCall, customer: Customer, records: Sequence[CallEvent], live: set[str]) -> None:
    phone = customer.phone[-10:]
    record = next((record for record in records if is_of(call, phone, record)), None)
    if record is not None:
        _bind(call, record)
        hear(record, RECORD)
    elif phone not in live and clock.now() - call.dialled_at > GIVEN_UP_AFTER:
        locked = call.locked()
        if locked.status in DIALLED:
            reason = "The provider knows of no such call."
            CALL.move(locked, FAILED, remark=reason, failure_reason=reason)


def is_of(call: UserCall, phone: str, record: CallEvent) -> bool:
    """Whether a record is of the call: by a name that both know, or else by who was called from where and when."""
    names = {
        record.call_id: call.provider_call_id,
        record.ref_id: call.ref_id,
        record.custom_identifier: str(call.id),
    }
    if any(theirs and theirs == ours for theirs, ours in names.items()):
        return True
    if call.provider_call_id or call.ref_id or record.started_at is None:
        return False
    same = record.customer_number == phone and record.agent_number.endswith(call.extension)
    return same and abs(record.started_at - call.dialled_at) <= CLOCKS_APART


def _bind(call: UserCall, record: CallEvent) -> None:
    """The provider's id of a call that was found without one, unless it is another's."""
    taken = UserCall.get_or_none(UserCall.provider_call_id == record.call_id)
    if taken is None and call.provider_call_id is None:
        call.locked().change(provider_call_id=record.call_id)
