"""Acefone: click to call, what became of calls (records, webhooks, recordings), and who can call (users).

Sources: docs.acefone.in (calls, records, triggers of webhooks), and clients that were written against live payloads:
where the two differ, the payloads are believed. A webhook is a template that the account writes from variables; its
values are texts, "" where there is none, in one of two formats of time, both Indian. Nothing is signed: the template
carries our secret in the header X-API-Key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from app.core.clock import INDIA as INDIAN_TIME
from app.providers.base import ProviderClient
from app.providers.errors import ProviderMalformed
from app.providers.fields import FieldError, Fields
from app.providers.messages import INDIA, instant, is_secret, read_json, ten_digits
from app.providers.pace import Rate
from app.providers.wire import Answer, Operation, operations

SECRET_HEADER = "X-API-Key"
INSTANT = "%Y-%m-%d %H:%M:%S"
INSTANTS = (INSTANT, "%m/%d/%Y, %I:%M:%S %p")
# Who dialled, by the words that were seen; one that was not is kept as it is.
DIRECTIONS: Mapping[str, str] = {
    "inbound": "INBOUND",
    "Dialer (inbound)": "INBOUND",
    "outbound": "OUTBOUND",
    "Dialer (outbound)": "OUTBOUND",
    "clicktocall": "OUTBOUND",
    "click_to_call": "OUTBOUND",
}
STATUSES: Mapping[str, str] = {"answered": "ANSWERED", "missed": "MISSED"}
INBOUND, OUTBOUND = "INBOUND", "OUTBOUND"
RECORDS_MAX = 100


@dataclass(frozen=True)
class CallQueued:
    """The agent's phone will ring, then the customer's. ref_id is empty where the account is not given one."""

    ref_id: str


@dataclass(frozen=True)
class CallEvent:
    """What a webhook says of a call, or a record.

    call_id is the same in every event and record of one call; custom_identifier and ref_id are those of the click.
    status is ANSWERED, MISSED, or None before the end; direction INBOUND, OUTBOUND or the provider's word.
    customer_number and did_number, ours, are ten digits. duration_s includes menus and ringing; talk_s is None where
    it is not told.
    """

    call_id: str
    status: str | None
    direction: str
    customer_number: str
    agent_number: str
    agent_name: str
    started_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    duration_s: int | None
    talk_s: int | None
    hangup_cause: str
    recording_url: str = field(repr=False)
    ref_id: str = ""
    custom_identifier: str = ""
    did_number: str = ""


@dataclass(frozen=True)
class LiveCall:
    """A call that is going on."""

    call_id: str
    customer_number: str
    agent_name: str
    state: str
    started_at: datetime | None


@dataclass(frozen=True)
class User:
    """Somebody who can call. agent_id is what click_to_call takes; None for who has no phone."""

    id: str
    name: str
    login_id: str
    extension: str
    agent_id: str | None
    is_available: bool


def _queued(answer: Answer) -> CallQueued:
    return CallQueued(answer.fields.identifier("ref_id", ""))


class AcefoneClient(ProviderClient):
    """Credentials: token, caller_id (our number, digits), webhook_secret, recording_hosts (where recordings may lie,
    comma separated)."""

    provider = "acefone"
    # What the sibling product documents: the calls a second that the trunk takes.
    rate = Rate(5)
    operations = operations(
        # No idempotency key exists: a second try rings the customer twice. Look into the records first.
        Operation("click_to_call", "POST", "/v1/click_to_call", idempotent=False, timeout_s=15),
        Operation("call_records", "GET", "/v1/call/records", idempotent=True),
        Operation("live_calls", "GET", "/v1/live_calls", idempotent=True),
        Operation("users", "GET", "/v1/users", idempotent=True),
        Operation(
            "recording",
            "GET",
            "",
            idempotent=True,
            timeout_s=60,
            answer_bytes_max=50_000_000,
            answer_is_document=True,
        ),
    )

    def click_to_call(self, *, agent: str, to: str, identifier: str, ring_s: int = 40) -> CallQueued:
        """Ring the agent (id, extension or number), and once they answer the ten-digit customer. identifier is ours
        and comes back in every webhook. Nothing in the answer says whether the customer was reached."""
        body = {
            "agent_number": agent,
            # a plus sign is refused
            "destination_number": INDIA + to,
            "caller_id": self.settings.credentials["caller_id"],
            "async": "1",
            "call_timeout": ring_s,
            "custom_identifier": identifier,
        }
        return self.call("click_to_call", _queued, json=body, hide={"destination_number", "agent_number"})

    def call_records(
        self, since: datetime, until: datetime, *, customer_number: str | None = None
    ) -> list[CallEvent]:
        """The calls of a span of time, page by page; with a ten-digit number only that customer's, which is picked
        here: the provider's own filter by customer does nothing."""
        found: list[CallEvent] = []
        page = 1
        while True:
            params = {
                "from_date": since.astimezone(INDIAN_TIME).strftime(INSTANT),
                "to_date": until.astimezone(INDIAN_TIME).strftime(INSTANT),
                "page": str(page),
                "limit": str(RECORDS_MAX),
            }
            records = self.call("call_records", _records, params=params)
            found += [r for r in records if customer_number in (None, r.customer_number)]
            if len(records) < RECORDS_MAX:
                return found
            page += 1

    def live_calls(self) -> list[LiveCall]:
        return self.call("live_calls", _live_calls)

    def users(self) -> list[User]:
        """Everybody of the account, page by page."""
        found: list[User] = []
        params: dict[str, str] = {}
        while True:
            users, has_more = self.call("users", _users, params=params)
            found += users
            if not has_more or not users:
                return found
            params = {"last_seen_id": users[-1].id}

    def recording(self, url: str) -> bytes:
        """The audio behind a recording_url, which must lie on a host of ours to trust: our token goes with it.
        Raises ProviderUnavailable or ProviderRejected while there is none yet (about a minute after the call)."""
        hosts = [host.strip() for host in self.settings.credentials["recording_hosts"].split(",")]
        address = urlsplit(url)
        if address.hostname not in hosts or address.scheme != urlsplit(self.settings.base_url).scheme:
            raise ProviderMalformed(
                self.provider, "recording", "recording_url", "is not on a host for recordings"
            )
        return self.call("recording", lambda answer: answer.body, url=url)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.credentials['token']}"}

    def reason(self, answer: Answer) -> str:
        try:
            fields = answer.fields
            errors = fields.child("errors", None)
            return (
                fields.text("message", "")
                or (errors or Fields({})).text("message", "")
                or f"HTTP {answer.status}"
            )
        except FieldError:
            return f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        # the sibling product writes it as a text
        if operation.name == "click_to_call" and str(answer.fields.data.get("success")).lower() != "true":
            raise self.rejected(operation, str(answer.status), self.reason(answer))


def verify_webhook(headers: Mapping[str, str], credentials: Mapping[str, str]) -> bool:
    """Whether the account's template sent our secret along."""
    return is_secret(headers.get(SECRET_HEADER), credentials)


def event_id(event: CallEvent, raw_body: bytes) -> str:
    """One event a call and state: the end comes once, what comes before it once in each state."""
    return f"{event.call_id}:{event.status or 'RINGING'}:{'ended' if event.ended_at else 'going'}"


def read_call_event(raw_body: bytes) -> CallEvent:
    """A webhook, as JSON or as a form (where what is a list comes as JSON text). Raises FieldError."""
    if raw_body.lstrip()[:1] == b"{":
        told = read_json(raw_body)
    else:
        told = dict(parse_qsl(raw_body.decode("utf-8", "replace"), keep_blank_values=True))
    # one template of the provider's own has a name with a space at its end
    fields = Fields({str(name).strip(): value for name, value in told.items()})
    direction = DIRECTIONS.get(fields.text("direction", ""), fields.text("direction", ""))
    customer = "caller_id_number" if direction == INBOUND else "call_to_number"
    return CallEvent(
        call_id=fields.identifier("call_id"),
        status=_status(fields, "call_status"),
        direction=direction,
        customer_number=ten_digits(fields.text(customer, "")),
        agent_number=fields.text("answered_agent_number", ""),
        agent_name=fields.text("answered_agent_name", ""),
        started_at=_instant(fields, "start_stamp"),
        answered_at=_instant(fields, "answer_stamp"),
        ended_at=_instant(fields, "end_stamp"),
        duration_s=_seconds(fields, "duration"),
        talk_s=_seconds(fields, "billsec"),
        hangup_cause=fields.text("hangup_cause", ""),
        recording_url=fields.text("recording_url", "") or "",
        ref_id=fields.identifier("ref_id", ""),
        custom_identifier=fields.identifier("custom_identifier", ""),
        did_number=ten_digits(fields.identifier("did_number", "")),
    )


def _records(answer: Answer) -> list[CallEvent]:
    return [_record(record) for record in answer.fields.children("results")]


def _record(record: Fields) -> CallEvent:
    started = f"{record.text('date', '')} {record.text('time', '')}"
    direction = record.text("direction", "")
    return CallEvent(
        call_id=record.identifier("call_id"),
        status=_status(record, "status"),
        direction=DIRECTIONS.get(direction, direction),
        customer_number=ten_digits(record.text("client_number", "")),
        agent_number=record.text("agent_number", ""),
        agent_name=record.text("agent_name", ""),
        started_at=_instant(Fields({"started": started}), "started"),
        answered_at=None,
        ended_at=_instant(record, "end_stamp"),
        duration_s=_seconds(record, "call_duration") or _seconds(record, "total_call_duration"),
        talk_s=None,
        hangup_cause=record.text("hangup_cause", ""),
        recording_url=record.text("recording_url", ""),
        ref_id=record.identifier("ref_id", ""),
        custom_identifier=record.identifier("custom_identifier", ""),
        did_number=ten_digits(record.identifier("did_number", "")),
    )


def _live_calls(answer: Answer) -> list[LiveCall]:
    listed = answer.data
    if not isinstance(listed, list):
        raise FieldError("body", f"expected a list, got {type(listed).__name__}")
    return [_live_call(Fields(item, f"[{number}]")) for number, item in enumerate(listed)]


def _live_call(call: Fields) -> LiveCall:
    return LiveCall(
        call_id=call.identifier("call_id"),
        customer_number=ten_digits(call.text("customer_number", "")),
        agent_name=call.text("agent_name", ""),
        state=call.text("state", ""),
        started_at=_instant(call, "created_at"),
    )


def _users(answer: Answer) -> tuple[list[User], bool]:
    return [_user(user) for user in answer.fields.children("data")], answer.fields.boolean("has_more", False)


def _user(user: Fields) -> User:
    agent = user.child("agent", None)
    return User(
        id=user.identifier("id"),
        name=user.text("name", ""),
        login_id=user.identifier("login_id", ""),
        extension=user.identifier("extension", ""),
        agent_id=agent.identifier("id") if agent else None,
        # 0 is signed in and free; 1 to 4 are busy, on a break, away
        is_available=bool(agent) and agent.identifier("status", "") == "0",
    )


def _status(fields: Fields, name: str) -> str | None:
    word = fields.text(name, "")
    if word and word.lower() not in STATUSES:
        raise fields.error(name, "expected answered or missed")
    return STATUSES.get(word.lower())


def _seconds(fields: Fields, name: str) -> int | None:
    value: Any = fields.data.get(name)
    return int(float(value)) if re.fullmatch(r"\d{1,9}(\.\d+)?", str(value)) else None


def _instant(fields: Fields, name: str) -> datetime | None:
    """Indian time without a zone; None for none. Unix seconds are taken too."""
    text = str(fields.data.get(name) or "").strip()
    if not text:
        return None
    for pattern in INSTANTS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=INDIAN_TIME)
        except ValueError:
            continue
    found = instant(text)
    if found is None:
        raise fields.error(name, "expected an instant")
    return found
