"""Twin of SendGrid: takes mails, puts them into the mailbox of the sandbox and signs events about them.

Documented: path, body, limits of the schema, 202 with an empty body, the shape of errors, the events and their
signature (ECDSA P-256 over timestamp and body; the body ends with a line break, as theirs does). Commonly stated: the
X-Message-Id header.
"""

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Response, request
from flask.typing import ResponseReturnValue

from app.sandbox.base import answer, json_body, simulator
from app.sandbox.comms import MessageTwin, Sent, Webhook
from app.sandbox.keys import SENDGRID_PRIVATE_KEY
from app.sandbox.messages import Message

EVENTS = {"sent": "processed", "delivered": "delivered", "read": "open"}


MORE_OF = {
    "dropped": {"reason": "Bounced Address"},
    "bounce": {"reason": "550 5.1.1 user unknown", "status": "5.1.1", "type": "bounce"},
    "delivered": {"response": "250 OK"},
}


def _error(status: int, message: str, field: str | None = None) -> ResponseReturnValue:
    return answer({"errors": [{"message": message, "field": field, "help": None}]}, status)


def events(sent: Sequence[Sent], status: str, number: int) -> Webhook:
    """A batch of events, as they come."""
    timestamp = str(int(time.time()))
    batch = [_event(each, status, f"{number}.{place}", int(timestamp)) for place, each in enumerate(sent)]
    body = json.dumps(batch).encode() + b"\r\n"
    signature = load_pem_private_key(SENDGRID_PRIVATE_KEY.encode(), None).sign(
        timestamp.encode() + body, ECDSA(SHA256())
    )
    headers = {
        "Content-Type": "application/json",
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }
    return Webhook(body, headers)


def _event(sent: Sent, status: str, number: str, timestamp: int) -> dict[str, Any]:
    event = EVENTS.get(status) or ("dropped" if sent.is_blocked else "bounce")
    return {
        "email": sent.to,
        "timestamp": timestamp,
        "smtp-id": f"<{sent.id}@sandbox>",
        "event": event,
        "sg_event_id": base64.urlsafe_b64encode(f"{status}-{number}-{sent.id}".encode()).decode().rstrip("="),
        "sg_message_id": f"{sent.id}.filterdrecv-sandbox-1.0",
        **sent.more,
        **MORE_OF.get(event, {}),
    }


twin = MessageTwin(
    "sendgrid",
    report=events,
    authorised=lambda: twin.accepts(
        "api_key", request.headers.get("Authorization", "").removeprefix("Bearer ")
    ),
    unauthorised=lambda: _error(401, "The provided authorization grant is invalid, expired, or revoked"),
    failure=lambda: _error(500, "Internal server error"),
)


@twin.post("/v3/mail/send")
def send_mail() -> ResponseReturnValue:
    body = json_body()
    if wrong := _wrong(body):
        return _error(400, *wrong)
    message_id = hashlib.sha256(uuid4().bytes).hexdigest()[:22]
    whom = {}
    for person in body["personalizations"]:
        for receiver in person["to"]:
            simulator().mailbox.add(_message(body, person, receiver["email"]))
            whom[receiver["email"]] = person.get("custom_args", {})
    twin.took_all(message_id, whom)
    return Response(status=202, headers={"X-Message-Id": message_id})


def _wrong(body: dict[str, Any]) -> tuple[str, str] | None:
    """Message and field of the first thing that SendGrid would refuse."""
    people = body.get("personalizations")
    if not isinstance(people, list) or not 1 <= len(people) <= 1000:
        return (
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
        )
    for place, person in enumerate(people):
        receivers = person.get("to") if isinstance(person, dict) else None
        if not receivers or not all("@" in str(receiver.get("email")) for receiver in receivers):
            return "The to email does not contain a valid address.", f"personalizations.{place}.to"
        if sum(len(str(text).encode()) for text in person.get("substitutions", {}).values()) > 10_000:
            return (
                "The substitutions are longer than 10,000 bytes.",
                f"personalizations.{place}.substitutions",
            )
    if not _is_sender(body.get("from")):
        return "The from email does not contain a valid address.", "from.email"
    if not body.get("template_id") and not all(body.get("subject") or each.get("subject") for each in people):
        return "The subject is required.", "subject"
    if not body.get("content") and not body.get("template_id"):
        return "Unless a valid template_id is provided, the content parameter is required.", "content"
    return _wrong_attachment(body.get("attachments", []))


def _is_sender(sender: Any) -> bool:
    """An address; or the name of the credential, which is what a sandbox is configured with by default."""
    email = sender.get("email") if isinstance(sender, dict) else None
    return isinstance(email, str) and ("@" in email or twin.accepts("from_email", email))


def _wrong_attachment(attachments: list[dict[str, Any]]) -> tuple[str, str] | None:
    for number, attachment in enumerate(attachments):
        try:
            base64.b64decode(attachment["content"], validate=True)
        except (KeyError, TypeError, binascii.Error):
            return "The attachment content must be base64 encoded.", f"attachments.{number}.content"
        if not attachment.get("filename"):
            return "The attachment filename is required.", f"attachments.{number}.filename"
    return None


def _message(body: dict[str, Any], person: dict[str, Any], to: str) -> Message:
    text = next((part.get("value", "") for part in body.get("content", [])), "")
    for tag, value in person.get("substitutions", {}).items():
        text = text.replace(tag, value)
    attachments = [
        {
            "filename": attachment["filename"],
            "type": attachment.get("type", ""),
            "bytes": len(base64.b64decode(attachment["content"])),
        }
        for attachment in body.get("attachments", [])
    ]
    return Message(
        "sendgrid",
        "email",
        to,
        text,
        subject=person.get("subject") or body.get("subject", ""),
        template_id=body.get("template_id", ""),
        variables=person.get("dynamic_template_data", {}),
        attachments=attachments,
    )
