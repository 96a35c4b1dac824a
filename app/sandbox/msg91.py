"""Twin of MSG91: takes flow SMS, puts them into the mailbox of the sandbox and reports on them.

Documented: path, body, the success answer, the report (version 2: a form with JSON in it) and its codes. From
published clients: a refusal is HTTP 200 with type "error", bad credentials are HTTP 401 without a type. Assumed: the
wording of refusals.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.base import INDIA, answer, json_body, simulator
from app.sandbox.comms import MessageTwin, Sent, Webhook
from app.sandbox.messages import Message

MOBILE = re.compile(r"91[6-9]\d{9}")
ON_THE_WAY, DELIVERED, FAILED, BLOCKED = (
    ("8", "SUBMITTED"),
    ("1", "DELIVERED"),
    ("2", "FAILED"),
    ("17", "BLOCKED"),
)

UNAUTHORISED = {
    "status": "fail",
    "hasError": True,
    "errors": "Unauthorized",
    "code": "401",
    "apiError": "201",
}


def report(sent: Sequence[Sent], status: str, number: int) -> Webhook:
    request_of = {
        "senderId": "LOSLOS",
        "requestId": sent[0].id,
        "userId": "270000",
        "campaignName": "flow",
    }
    lines = [_line(each, status, f"{number}{place:03}") for place, each in enumerate(sent)]
    form = urlencode({"data": json.dumps([request_of | {"report": lines}])})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Webhook(form.encode(), headers, twin.secret_query(sent[0]))


def _line(sent: Sent, status: str, number: str) -> dict[str, str]:
    failure = BLOCKED if sent.is_blocked else FAILED
    code, words = {"sent": ON_THE_WAY, "failed": failure}.get(status, DELIVERED)
    return {
        "date": datetime.now(INDIA).strftime("%Y-%m-%d %H:%M:%S"),
        "amount": "0.18",
        "clientid": "",
        "INMSID": number,
        "CRQID": "0",
        "ctCode": "900",
        "number": f"91{sent.to}",
        "credit": "1",
        "status": code,
        "desc": words,
        "failedReason": "Absent subscriber" if words == "FAILED" else "",
    }


twin = MessageTwin(
    "msg91",
    report=report,
    authorised=lambda: twin.accepts(
        "auth_key", request.headers.get("authkey") or request.args.get("authkey")
    ),
    unauthorised=lambda: answer(UNAUTHORISED, 401),
    failure=lambda: answer({"type": "error", "message": "Internal Server Error"}, 500),
)


@twin.post("/api/v5/flow")
def send_sms() -> ResponseReturnValue:
    body = json_body()
    template_id = body.get("template_id") or body.get("flow_id")
    recipients = body.get("recipients")
    if not template_id:
        return _refusal("template_id is missing")
    if not isinstance(recipients, list) or not recipients:
        return _refusal("recipients missing")
    if not all(_is_recipient(recipient) for recipient in recipients):
        return _refusal("Invalid mobile number")
    request_id = hashlib.sha256(uuid4().bytes).hexdigest()[:24]
    messages = [_message(str(template_id), recipient) for recipient in recipients]
    for message in messages:
        simulator().mailbox.add(message)
    twin.took_all(request_id, {message.to: {} for message in messages})
    return answer({"type": "success", "message": request_id})


def _is_recipient(recipient: Any) -> bool:
    return isinstance(recipient, dict) and MOBILE.fullmatch(str(recipient.get("mobiles", ""))) is not None


def _message(template_id: str, recipient: dict[str, Any]) -> Message:
    """The text of the template is known to MSG91 alone; here the variables speak for it."""
    variables = {name: value for name, value in recipient.items() if name != "mobiles"}
    text = f"[{template_id}] " + ", ".join(f"{name}: {value}" for name, value in variables.items())
    to = recipient["mobiles"].removeprefix("91")
    return Message("msg91", "sms", to, text, template_id=template_id, variables=variables)


def _refusal(message: str) -> ResponseReturnValue:
    return answer({"type": "error", "message": message})
