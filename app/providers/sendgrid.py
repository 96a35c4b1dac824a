"""SendGrid v3: mail with attachments.

Source: SendGrid's OpenAPI file (mail_send). Success is 202 with an empty body and the id of the
message in a header; it means accepted, not delivered.
"""

import base64
from dataclasses import dataclass, field
from typing import Any

from app.providers.base import Answer, Operation, ProviderClient, operations
from app.providers.fields import FieldError


@dataclass(frozen=True)
class Attachment:
    filename: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """One mail to one person. text and html may each be empty, not both. reference is our own id,
    which comes back at the top level of every event; category groups mails in statistics."""

    to_email: str
    to_name: str
    subject: str
    text: str
    reference: str
    html: str = ""
    category: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class MailAccepted:
    """message_id begins the sg_message_id of later events; empty when the header was not sent."""

    message_id: str


class SendgridClient(ProviderClient):
    """Credentials: api_key, from_email, from_name."""

    provider = "sendgrid"
    operations = operations(
        # No idempotency key exists: trying again could send the mail twice.
        Operation("send_mail", "POST", "/v3/mail/send", idempotent=False, timeout_s=30),
    )

    def send_mail(self, mail: Mail) -> MailAccepted:
        """Hand a mail over for delivery. Together with its attachments at most 30 MB."""
        return self.call("send_mail", _accepted, json=self._body(mail), hide={"value", "content", "subject"})

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.credentials['api_key']}"}

    def reason(self, answer: Answer) -> str:
        try:
            error = answer.fields.children("errors")[0]
        except (FieldError, IndexError):
            return f"HTTP {answer.status}"
        place = error.text("field", "")
        return f"{error.text('message', '')}{f' ({place})' if place else ''}"

    def _body(self, mail: Mail) -> dict[str, Any]:
        credentials = self.settings.credentials
        body = {
            "personalizations": [
                {
                    "to": [{"email": mail.to_email, "name": mail.to_name}],
                    "custom_args": {"reference": mail.reference},
                }
            ],
            "from": {"email": credentials["from_email"], "name": credentials["from_name"]},
            "subject": mail.subject,
            # text/plain must come first.
            "content": [
                {"type": kind, "value": value}
                for kind, value in (("text/plain", mail.text), ("text/html", mail.html))
                if value
            ],
        }
        if mail.category:
            body["categories"] = [mail.category]
        if mail.attachments:
            body["attachments"] = [_attachment(attachment) for attachment in mail.attachments]
        return body


def _attachment(attachment: Attachment) -> dict[str, str]:
    return {
        "content": base64.b64encode(attachment.content).decode(),
        "type": attachment.content_type,
        "filename": attachment.filename,
        "disposition": "attachment",
    }


def _accepted(answer: Answer) -> MailAccepted:
    return MailAccepted(answer.headers.get("X-Message-Id", ""))
