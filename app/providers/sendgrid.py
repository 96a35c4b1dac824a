"""SendGrid v3: mail with attachments, from our words or from a template of theirs, and signed events.

Sources: SendGrid's OpenAPI file (mail_send), its event reference, and its library for the signature of events. Success
is 202 with an empty body and the id of the message in a header; it means accepted, not delivered.
"""

import base64
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.providers.fields import FieldError, Fields
from app.providers.messages import Accepted, MessageClient, Receipt, Status, Wish, each, instant, read_json
from app.providers.wire import Answer, Operation, operations

SIGNATURE_HEADER = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP_HEADER = "X-Twilio-Email-Event-Webhook-Timestamp"
# Their retries sign anew; what is older was recorded and is played back.
AGE_MAX = timedelta(minutes=15)
EVENT_STATUSES: Mapping[str, Status] = {
    "processed": "SENT",
    "deferred": "SENT",
    "delivered": "DELIVERED",
    "open": "READ",
    "click": "READ",
    "bounce": "BOUNCED",
    "dropped": "FAILED",
}
# What stands for the text in a mail to many; what is put in for one of them has at most 10,000 bytes.
TEXT_TAG = "-text-"
TEXT_BYTES_MAX = 9_000
# a complaint is the loudest way to say it
STOPS = frozenset({"unsubscribe", "group_unsubscribe", "spamreport"})


@dataclass(frozen=True)
class Attachment:
    filename: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Mail:
    """One mail to one person. text and html may each be empty, not both, unless template_id names a dynamic template
    and template_data fills it. reference is our own id, which comes back at the top level of every event; category
    groups mails in statistics."""

    to_email: str
    to_name: str
    subject: str
    text: str
    reference: str
    html: str = ""
    category: str = ""
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    template_id: str = ""
    template_data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def to(self) -> str:
        return self.to_email

    @property
    def alike(self) -> Hashable:
        """What goes to many in one request has its text put in for each of them: plain, short, without attachments."""
        is_plain = not (self.html or self.attachments or self.template_id)
        return self.category if is_plain and len(self.text.encode()) <= TEXT_BYTES_MAX else None


class SendgridClient(MessageClient[Mail]):
    """Credentials: api_key, from_email, from_name, webhook_public_key (of the signed event webhook)."""

    provider = "sendgrid"
    together_max = 500
    operations = operations(
        # No idempotency key exists: trying again could send the mail twice.
        Operation("send_mail", "POST", "/v3/mail/send", idempotent=False, timeout_s=30),
    )

    def send_mail(self, mail: Mail) -> Accepted:
        """One mail, which goes out as its template, html and attachments say. Raises ProviderError."""
        return self.send([mail])

    def send(self, letters: Sequence[Mail]) -> Accepted:
        """As MessageClient. Together with their attachments at most 30 MB. The id begins the sg_message_id of later
        events; it is empty when the header was not sent."""
        # the link with which one stops such mails is somebody's own
        hide = {"value", "content", "subject", TEXT_TAG, "List-Unsubscribe"}
        hide = hide.union(*(mail.template_data for mail in letters))
        return self.call("send_mail", _accepted, json=self._body(letters), hide=hide, units=len(letters))

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.credentials['api_key']}"}

    def reason(self, answer: Answer) -> str:
        try:
            error = answer.fields.children("errors")[0]
        except (FieldError, IndexError):
            return f"HTTP {answer.status}"
        place = error.text("field", "")
        return f"{error.text('message', '')}{f' ({place})' if place else ''}"

    def _body(self, letters: Sequence[Mail]) -> dict[str, Any]:
        credentials, mail = self.settings.credentials, letters[0]
        together = len(letters) > 1
        # text/plain must come first.
        words = [("text/plain", TEXT_TAG if together else mail.text), ("text/html", mail.html)]
        body = {
            "personalizations": [_person(letter, together) for letter in letters],
            "from": {"email": credentials["from_email"], "name": credentials["from_name"]},
            "subject": mail.subject,
            "content": [{"type": kind, "value": value} for kind, value in words if value],
            "template_id": mail.template_id,
            "categories": [mail.category] if mail.category else [],
            "attachments": [_attachment(attachment) for attachment in mail.attachments],
        }
        return {name: value for name, value in body.items() if value or name == "subject"}


def _person(mail: Mail, together: bool) -> dict[str, Any]:
    """What is one receiver's own."""
    person = {
        "to": [{"email": mail.to_email, "name": mail.to_name}],
        "custom_args": {"reference": mail.reference},
        "headers": dict(mail.headers),
        "dynamic_template_data": dict(mail.template_data) if mail.template_id else {},
        "subject": mail.subject if together else "",
        "substitutions": {TEXT_TAG: mail.text} if together else {},
    }
    return {name: value for name, value in person.items() if value}


def _attachment(attachment: Attachment) -> dict[str, str]:
    return {
        "content": base64.b64encode(attachment.content).decode(),
        "type": attachment.content_type,
        "filename": attachment.filename,
        "disposition": "attachment",
    }


def _accepted(answer: Answer) -> Accepted:
    return Accepted(answer.headers.get("X-Message-Id", ""))


def verify_signature(
    raw_body: bytes, headers: Mapping[str, str], credentials: Mapping[str, str], now: datetime
) -> bool:
    """Whether SendGrid signed exactly these bytes (a final line break included), and did so just now."""
    timestamp = headers.get(TIMESTAMP_HEADER) or ""
    signed_at = instant(timestamp)
    if signed_at is None or abs(now - signed_at) > AGE_MAX:
        return False
    public_key = _public_key(credentials["webhook_public_key"])
    try:
        signature = base64.b64decode(headers.get(SIGNATURE_HEADER) or "", validate=True)
        public_key.verify(signature, timestamp.encode() + raw_body, ECDSA(SHA256()))
    # what is no base64 is a ValueError, of several kinds
    except (InvalidSignature, ValueError):
        return False
    return True


def _public_key(encoded: str) -> EllipticCurvePublicKey:
    """From base64 as the settings page shows it. Raises ValueError: that is our configuration, not the sender's."""
    try:
        key = load_der_public_key(base64.b64decode(encoded))
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("sendgrid webhook_public_key is no ECDSA key in base64")
    return key


def read_receipts(raw_body: bytes) -> list[Receipt]:
    """The receipts in a batch of events; unsubscribing and complaints are wishes. Raises FieldError."""
    return each(read_json(raw_body), _receipt)


def _receipt(event: Fields) -> Receipt | None:
    status = EVENT_STATUSES.get(event.text("event"))
    if status is None:
        return None
    return Receipt(
        message_id=event.text("sg_message_id", "").partition(".")[0],
        status=status,
        to=event.text("email"),
        at=instant(event.data.get("timestamp")),
        code=event.text("status", "") or event.text("type", "") if status in ("FAILED", "BOUNCED") else "",
        reason=event.text("reason", "") if status in ("FAILED", "BOUNCED") else "",
        reference=event.text("reference", ""),
    )


def read_wishes(raw_body: bytes) -> list[Wish]:
    """Who unsubscribed or complained, in a batch of events. Raises FieldError."""
    return each(read_json(raw_body), _wish)


def _wish(event: Fields) -> Wish | None:
    return Wish("EMAIL", event.text("email")) if event.text("event") in STOPS else None
