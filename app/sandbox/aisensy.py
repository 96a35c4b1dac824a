"""Twin of AiSensy: takes campaign messages, and signs what the project's webhook tells.

From published clients: the key in the body, `success` as a text, the errors, the envelope of a webhook and its
HMAC-SHA256 in hex over the raw body. Campaigns that start with `draft` are not live.
"""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask.typing import ResponseReturnValue

from app.sandbox.base import answer, json_body, simulator
from app.sandbox.comms import MessageTwin, Sent, Webhook
from app.sandbox.messages import Message

MOBILE = re.compile(r"\+?91[6-9]\d{9}")
NO_WHATSAPP = {"code": "131026", "reason": "Message undeliverable"}
BLOCKED = {"code": "131050", "reason": "User has stopped marketing messages"}


def status_event(sent: Sent, status: str, number: int) -> Webhook:
    # the case differs from account to account
    message: dict[str, Any] = {"id": _hex(sent.id), "messageId": sent.id, "phone_number": f"91{sent.to}"}
    message["status"] = status.upper()
    if status == "failed":
        message["failureResponse"] = BLOCKED if sent.is_blocked else NO_WHATSAPP
    return _envelope(sent, f"{status}{number}", "message.status.updated", message)


def written(sent: Sent, text: str, number: int) -> Webhook:
    message = {"phone_number": f"91{sent.to}", "message_type": "TEXT", "message_content": {"text": text}}
    return _envelope(sent, f"write{number}", "message.sender.user", message)


def _envelope(sent: Sent, key: str, topic: str, message: dict[str, Any]) -> Webhook:
    project_id = _hex(sent.brand_id)
    body = json.dumps(
        {
            "id": _hex(f"{sent.id}{key}"),
            "created_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "topic": topic,
            "delivery_attempt": 1,
            "project_id": project_id,
            "data": {"message": message},
        }
    ).encode()
    secret = f"sandbox-aisensy-webhook_secret-{sent.brand_id}"
    headers = {
        "Content-Type": "application/json",
        "X-AiSensy-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "X-AiSensy-API-Version": "v1",
        "X-AiSensy-Project-Id": project_id,
    }
    return Webhook(body, headers)


def _hex(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:24]


def _error(status: int, message: str) -> ResponseReturnValue:
    return answer(
        {"name": f"ERR{status}", "errorCode": status, "message": message, "aisTraceId": str(uuid4())}, status
    )


twin = MessageTwin(
    "aisensy",
    receipt=status_event,
    written=written,
    authorised=lambda: twin.accepts("api_key", str(json_body().get("apiKey", ""))),
    unauthorised=lambda: _error(401, "Invalid API key"),
    failure=lambda: ("", 503),
)


@twin.post("/campaign/t1/api/v2")
def send_template() -> ResponseReturnValue:
    body = json_body()
    campaign, parameters = str(body.get("campaignName") or ""), body.get("templateParams", [])
    if not campaign or campaign.startswith("draft"):
        return _error(400, "Campaign does not exist.")
    if not MOBILE.fullmatch(str(body.get("destination", ""))):
        return _error(400, "Invalid Number")
    if not body.get("userName"):
        return _error(400, "userName is required")
    if not isinstance(parameters, list):
        return _error(400, "Template params does not match the campaign")
    to, message_id = str(body["destination"])[-10:], str(uuid4())
    variables = {str(place): str(value) for place, value in enumerate(parameters, start=1)}
    text = f"[{campaign}] " + ", ".join(variables.values())
    simulator().mailbox.add(
        Message("aisensy", "whatsapp", to, text, template_id=campaign, variables=variables)
    )
    twin.took(message_id, to)
    return answer({"success": "true", "submitted_message_id": message_id})
