"""Twin of Acefone: rings, answers by itself, tells of it by webhooks, keeps records and recordings.

A number that ends with 9001 does not answer (the call is missed), 9003 rings until `POST /__sandbox__/act` says
`answer` or `miss` of its ref_id; all others answer and talk for 44 seconds, at once. `call_in` of a number, with
`brandId` and perhaps `agent` or `missed`, calls the brand. Webhooks go to `<callback>/acefone/dialer/outbound`, or
`inbound`, with the brand and the account's secret as headers of the template.

Documented: paths, the answer of a click, filters and envelope of records, users, live calls. From live payloads: every
value of a webhook is a text, "" where there is none; two formats of time; the words for direction, status and ending.
"""

import io
import json
import time
import wave
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import INDIA, Twin, answer, invalid_field, json_body, send_webhook, simulator

CALL_INPUTS = {"agent_number": r"\d{1,15}", "destination_number": r"\d{10,15}", "caller_id": r"\d{10,15}"}
# the number of every brand here, from which it calls and at which it is called
OWN_NUMBER = "918000000001"
TALK_S, RING_S, PAGE_MAX = 44, 8, 100
MISSED, WAITING = "9001", "9003"
STAMP, DIALER_STAMP = "%Y-%m-%d %H:%M:%S", "%-m/%-d/%Y, %-I:%M:%S %p"
AGENTS = (
    ("1001", "Test Agent", "0602000000001", "0"),
    ("1002", "Busy Agent", "0602000000002", "2"),
    ("1003", "Back Office", None, None),
)


def _refusal(message: str, status: int) -> ResponseReturnValue:
    return answer({"success": False, "message": message}, status)


twin = Twin(
    "acefone",
    authorised=lambda: twin.accepts(
        "token", request.headers.get("Authorization", "").removeprefix("Bearer ")
    ),
    unauthorised=lambda: _refusal("Unauthenticated.", 401),
    failure=lambda: _refusal("Server Error", 500),
)


@twin.post("/v1/click_to_call")
def click_to_call() -> ResponseReturnValue:
    body = {name: str(value) for name, value in json_body().items()}
    if invalid_field(body, CALL_INPUTS):
        return _refusal("Unable to process this request", 422)
    ref_id = f"REF{time.time_ns()}"
    call = {
        "ref_id": ref_id,
        "call_id": f"{int(time.time())}.{time.time_ns() % 10**6:06d}",
        "brand_id": g.get("brand_id") or "",
        "customer": body["destination_number"],
        "did": f"+{body['caller_id']}",
        "agent": _agent_of(body["agent_number"]),
        "custom_identifier": body.get("custom_identifier", ""),
        "started": datetime.now(INDIA),
        "direction": "clicktocall",
        "status": "",
    }
    call["recording_url"] = url_for("acefone.recording", call_id=call["call_id"], _external=True)
    with simulator().lock:
        simulator().shelf("acefone.calls")[ref_id] = call
    if not call["customer"].endswith(WAITING):
        _end(call, is_answered=not call["customer"].endswith(MISSED))
    return answer({"success": True, "message": "Originate successfully queued", "ref_id": ref_id})


@twin.get("/v1/call/records")
def call_records() -> ResponseReturnValue:
    """Filters by customer are accepted and ignored, as they are there."""
    try:
        since, until = (
            datetime.strptime(request.args[name], STAMP).replace(tzinfo=INDIA)
            for name in ("from_date", "to_date")
        )
        page, limit = int(request.args.get("page", 1)), min(int(request.args.get("limit", 20)), PAGE_MAX)
    except (KeyError, ValueError):
        return _refusal("The given data was invalid.", 422)
    # stamps have no fraction of a second
    found = [c for c in _own_calls() if c["status"] and since <= c["started"].replace(microsecond=0) <= until]
    shown = found[(page - 1) * limit : page * limit]
    envelope = {"count": len(found), "limit": limit, "size": len(shown), "page": page}
    return answer(envelope | {"results": [_record(call) for call in shown]})


@twin.get("/v1/live_calls")
def live_calls() -> ResponseReturnValue:
    going = [call for call in _own_calls() if not call["status"]]
    return answer(
        [
            {
                "id": number,
                "call_id": call["call_id"],
                "direction": 2,
                "type": "click-to-call",
                "did": call["did"],
                "customer_number": call["customer"],
                "agent_name": call["agent"]["name"],
                "state": "Ringing",
                "created_at": call["started"].strftime(STAMP),
                "call_time": "00:00:08",
            }
            for number, call in enumerate(going, start=1)
        ]
    )


@twin.get("/v1/users")
def users() -> ResponseReturnValue:
    """One a page, so that whoever reads them must turn it."""
    last = request.args.get("last_seen_id", "")
    left = [agent for agent in AGENTS if agent[0] > last]
    return answer({"data": [_user(*agent) for agent in left[:1]], "has_more": len(left) > 1})


@twin.get("/recordings/<call_id>")
def recording(call_id: str) -> ResponseReturnValue:
    if not any(call["call_id"] == call_id and call["status"] == "answered" for call in _own_calls()):
        return _refusal("Recording not found", 404)
    return Response(_silence(), mimetype="audio/wav")


@twin.action("answer")
def pick_up(ref_id: str, _asked: Mapping[str, Any]) -> ResponseReturnValue | None:
    return _settle(ref_id, is_answered=True)


@twin.action("miss")
def let_ring(ref_id: str, _asked: Mapping[str, Any]) -> ResponseReturnValue | None:
    return _settle(ref_id, is_answered=False)


@twin.action("call_in")
def call_in(number: str, asked: Mapping[str, Any]) -> ResponseReturnValue | None:
    call_id = f"{int(time.time())}.{time.time_ns() % 10**6:06d}"
    call = {
        "ref_id": f"REF{time.time_ns()}",
        "call_id": call_id,
        "brand_id": str(asked.get("brandId", "")),
        "customer": f"91{number[-10:]}",
        "did": f"+{OWN_NUMBER}",
        "agent": _agent_of(str(asked.get("agent", AGENTS[0][2]))),
        "custom_identifier": "",
        "started": datetime.now(INDIA),
        "direction": "inbound",
        "status": "",
        "recording_url": url_for("acefone.recording", call_id=call_id, _external=True),
    }
    with simulator().lock:
        simulator().shelf("acefone.calls")[call["ref_id"]] = call
    _end(call, is_answered=not asked.get("missed"))
    return answer({"id": call_id, "status": call["status"]}, 202)


def _settle(ref_id: str, *, is_answered: bool) -> ResponseReturnValue | None:
    with simulator().lock:
        call = simulator().shelf("acefone.calls").get(ref_id)
        if call is None:
            return None
        if call["status"]:
            return _refusal("The call has ended", 409)
        _end(call, is_answered=is_answered)
    return answer({"id": ref_id, "status": call["status"]}, 202)


def _end(call: dict[str, Any], *, is_answered: bool) -> None:
    if is_answered:
        _tell(call, "answered_by_agent")
    call["status"] = "answered" if is_answered else "missed"
    _tell(call, "hangup")


def _own_calls() -> list[dict[str, Any]]:
    with simulator().lock:
        calls = list(simulator().shelf("acefone.calls").values())
    return [call for call in calls if call["brand_id"] == (g.get("brand_id") or "")]


def _tell(call: Mapping[str, Any], trigger: str) -> None:
    if not call["brand_id"]:
        return
    headers = {
        "Content-Type": "application/json",
        "X-Brand-Id": call["brand_id"],
        "X-API-Key": f"sandbox-acefone-webhook_secret-{call['brand_id']}",
    }
    raw = json.dumps(_payload(call, trigger)).encode()
    event_id = f"{call['call_id']}:{trigger}"
    url = f"{simulator().callback_url}/acefone/dialer/{_way(call)}"
    send_webhook(url, raw, headers, provider="acefone", event_id=event_id, operation=trigger)


def _way(call: Mapping[str, Any]) -> str:
    return "inbound" if call["direction"] == "inbound" else "outbound"


def _payload(call: Mapping[str, Any], trigger: str) -> dict[str, Any]:
    has_ended, is_answered = trigger == "hangup", call["status"] == "answered" or trigger != "hangup"
    started, answered, ended = _times(call)
    agent = call["agent"]
    by, to = (call["did"], call["customer"])[:: -1 if _way(call) == "inbound" else 1]
    return {
        "uuid": call["ref_id"].lower(),
        "call_id": call["call_id"],
        "ref_id": call["ref_id"],
        "custom_identifier": call["custom_identifier"],
        "direction": call["direction"],
        "call_to_number": to,
        "caller_id_number": by,
        "did_number": call["did"],
        "customer_number_with_prefix ": "",
        "call_status": call["status"] if has_ended else "",
        "call_connected": "1" if is_answered else "0",
        "start_stamp": started.strftime(STAMP),
        "answer_stamp": answered.strftime(STAMP) if is_answered else "",
        "end_stamp": ended.strftime(DIALER_STAMP) if has_ended else "",
        "duration": str(RING_S + TALK_S if is_answered else RING_S) if has_ended else "",
        "billsec": str(TALK_S) if has_ended and is_answered else "",
        "hangup_cause": ("disconnected_by_caller" if is_answered else "destination_hangup")
        if has_ended
        else "",
        "answered_agent": [agent] if is_answered else "",
        "answered_agent_name": agent["name"] if is_answered else "",
        "answered_agent_number": agent["number"] if is_answered else "",
        "missed_agent": "" if is_answered else [{"name": agent["name"], "number": agent["number"]}],
        "recording_url": call["recording_url"] if has_ended and is_answered else "",
        "call_flow": [{"type": "init", "value": call["call_id"], "time": str(int(started.timestamp()))}],
    }


def _record(call: Mapping[str, Any]) -> dict[str, Any]:
    is_answered = call["status"] == "answered"
    started, _, ended = _times(call)
    return {
        "call_id": call["call_id"],
        "ref_id": call["ref_id"],
        "uuid": call["ref_id"].lower(),
        "direction": _way(call),
        "call_hint": call["direction"],
        "status": call["status"],
        "client_number": f"+{call['customer']}",
        "did_number": call["did"],
        "call_duration": RING_S + TALK_S if is_answered else RING_S,
        "date": started.strftime("%Y-%m-%d"),
        "time": started.strftime("%H:%M:%S"),
        "end_stamp": ended.strftime(STAMP),
        "hangup_cause": "disconnected_by_caller" if is_answered else "destination_hangup",
        "agent_name": call["agent"]["name"],
        "agent_number": call["agent"]["number"],
        "recording_url": call["recording_url"] if is_answered else "",
        "call_flow": [],
    }


def _times(call: Mapping[str, Any]) -> tuple[datetime, datetime, datetime]:
    """When it started, was answered and ended, as if it had lasted."""
    answered = call["started"] + timedelta(seconds=RING_S)
    talked = TALK_S if call["status"] == "answered" else 0
    return call["started"], answered, answered + timedelta(seconds=talked)


def _silence() -> bytes:
    """A second of it, as audio."""
    audio = io.BytesIO()
    with wave.open(audio, "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(b"\x80" * 8000)
    return audio.getvalue()


def _agent_of(number: str) -> dict[str, str]:
    name = next((name for _, name, agent_id, _ in AGENTS if agent_id == number), "Agent")
    return {
        "id": number,
        "name": name,
        "email": "rep@example.com",
        "number": f"Extension-{number}",
        "is_transferred_agent": "No",
    }


def _user(user_id: str, name: str, agent_id: str | None, status: str | None) -> dict[str, Any]:
    agent = {"id": agent_id, "name": name, "status": status, "follow_me_number": ""} if agent_id else None
    return {
        "id": user_id,
        "name": name,
        "login_id": name.lower().replace(" ", "."),
        "extension": agent_id or "",
        "intercom": user_id,
        "user_status": 1,
        "agent": agent,
        "user_role": {"id": 2, "name": "Agent"},
    }
