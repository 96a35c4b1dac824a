"""Twin of SendGrid: takes mails and puts them into the mailbox of the sandbox.

Documented: path, body, limits of the schema, 202 with an empty body, the shape of errors.
Commonly stated: the X-Message-Id header.
"""

import base64
import binascii
import hashlib
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, json_body, simulator
from app.sandbox.messages import Message


def _error(status: int, message: str, field: str | None = None) -> ResponseReturnValue:
    return answer({"errors": [{"message": message, "field": field, "help": None}]}, status)


twin = Twin(
    "sendgrid",
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
    message_id = hashlib.sha256(request.get_data()).hexdigest()[:22]
    for person in body["personalizations"]:
        for receiver in person["to"]:
            simulator().mailbox.add(_message(body, receiver["email"]))
    return Response(status=202, headers={"X-Message-Id": message_id})


def _wrong(body: dict[str, Any]) -> tuple[str, str] | None:
    """Message and field of the first thing that SendGrid would refuse."""
    people = body.get("personalizations")
    if not isinstance(people, list) or not 1 <= len(people) <= 1000:
        return (
            "The personalizations field is required and must have at least one personalization.",
            "personalizations",
        )
    for person in people:
        receivers = person.get("to") if isinstance(person, dict) else None
        if not receivers or not all("@" in str(receiver.get("email")) for receiver in receivers):
            return "The to email does not contain a valid address.", "personalizations.0.to"
    if not _is_sender(body.get("from")):
        return "The from email does not contain a valid address.", "from.email"
    if not body.get("subject") and not body.get("template_id"):
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


def _message(body: dict[str, Any], to: str) -> Message:
    texts = [part.get("value", "") for part in body.get("content", [])]
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
        texts[0] if texts else "",
        subject=body.get("subject", ""),
        template_id=body.get("template_id", ""),
        attachments=attachments,
    )
