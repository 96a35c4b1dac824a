"""Twin of Gupshup's WhatsApp API: takes templates (202), and tells of them by message events, version 2.

Documented: path, form, the header apikey, 202, the events, that `id` is WhatsApp's own from `sent` on while gsId stays,
the failure codes. Assumed: the words of refusals.
"""

import json
import re
import time
from typing import Any
from uuid import uuid4

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.base import answer, simulator
from app.sandbox.comms import MessageTwin, Sent, Webhook
from app.sandbox.messages import Message

MOBILE = re.compile(r"91[6-9]\d{9}")
NO_WHATSAPP = {"code": 1002, "reason": "Number Does Not Exist On WhatsApp"}
OPTED_OUT = {"code": 1012, "reason": "User Opted Out"}


def event(sent: Sent, status: str, _number: int) -> Webhook:
    now = time.time()
    told = {"id": sent.id, "type": status, "destination": f"91{sent.to}", "payload": {"ts": int(now)}}
    if status == "failed":
        told["payload"] = OPTED_OUT if sent.is_blocked else NO_WHATSAPP
    else:
        told |= {"id": f"wamid.{uuid4().hex}", "gsId": sent.id}
    return _envelope(sent, "message-event", told)


def written(sent: Sent, text: str, number: int) -> Webhook:
    told = {"id": f"wamid.{number}", "source": f"91{sent.to}", "type": "text", "payload": {"text": text}}
    return _envelope(sent, "message", told)


def _envelope(sent: Sent, kind: str, told: dict[str, Any]) -> Webhook:
    whole = {
        "app": "LOS",
        "timestamp": int(time.time() * 1000),
        "version": 2,
        "type": kind,
        "payload": told,
    }
    return Webhook(json.dumps(whole).encode(), {"Content-Type": "application/json"}, twin.secret_query(sent))


def _refusal(message: str, status: int = 400) -> ResponseReturnValue:
    return answer({"status": "error", "message": message}, status)


twin = MessageTwin(
    "gupshup_whatsapp",
    receipt=event,
    written=written,
    authorised=lambda: twin.accepts("api_key", request.headers.get("apikey")),
    unauthorised=lambda: _refusal("Portal User Not Found With APIKey", 401),
    failure=lambda: _refusal("Internal Server Error", 500),
)


@twin.post("/wa/api/v1/template/msg")
def send_template() -> ResponseReturnValue:
    form = request.form
    try:
        template = json.loads(form.get("template", ""))
    except ValueError:
        template = None
    if form.get("channel") != "whatsapp" or not form.get("source") or not form.get("src.name"):
        return _refusal("Invalid Source Details")
    if not MOBILE.fullmatch(form.get("destination", "")):
        return _refusal("Invalid Destination")
    if not isinstance(template, dict) or not template.get("id"):
        return _refusal("Template Not Found")
    to, message_id = form["destination"].removeprefix("91"), str(uuid4())
    parameters = [str(parameter) for parameter in template.get("params", [])]
    variables = {str(place): value for place, value in enumerate(parameters, start=1)}
    text = f"[{template['id']}] " + ", ".join(parameters)
    simulator().mailbox.add(
        Message("gupshup_whatsapp", "whatsapp", to, text, template_id=template["id"], variables=variables)
    )
    twin.took(message_id, to)
    return answer({"status": "submitted", "messageId": message_id}, 202)
