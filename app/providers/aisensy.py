"""AiSensy: WhatsApp templates through its campaign API, and the webhook of a project.

Sources: a client that calls itself official (the campaign call: the key stands in the body), integrations in
production (answers, errors, the webhook and its signature). `success` is a text, and some accounts answer without an
id: then a receipt is known by its phone alone.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from app.providers.fields import FieldError, Fields
from app.providers.messages import (
    INDIA,
    Accepted,
    Receipt,
    Status,
    WhatsApp,
    WhatsAppClient,
    Written,
    read_json,
    ten_digits,
)
from app.providers.wire import Answer, Operation, operations

SIGNATURE_HEADER = "X-AiSensy-Signature"
STATUS_TOPIC = "message.status.updated"
WRITTEN_TOPIC = "message.sender.user"
STATUSES: Mapping[str, Status] = {
    "sent": "SENT",
    "delivered": "DELIVERED",
    "read": "READ",
    "failed": "FAILED",
}


class AisensyClient(WhatsAppClient):
    """Credentials: api_key, webhook_secret."""

    provider = "aisensy"
    reason_names = ("errorMessage", "message")
    operations = operations(
        Operation("send_template", "POST", "/campaign/t1/api/v2", idempotent=False, timeout_s=15),
    )

    def send(self, letters: Sequence[WhatsApp]) -> Accepted:
        """As MessageClient. template_id is the name of a live API campaign."""
        (letter,) = letters
        body = {
            "apiKey": self.settings.credentials["api_key"],
            "campaignName": letter.template_id,
            "destination": INDIA + letter.to,
            "userName": letter.name,
            "source": "los",
            "templateParams": list(letter.parameters),
        }
        return self.call(
            "send_template", _accepted, json=body, hide={"userName", "templateParams", "destination"}
        )

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        # "true" on every account that we know of; a boolean would mean the same
        if str(answer.fields.data.get("success")).lower() != "true":
            raise self.rejected(operation, answer.fields.text("name", "error"), self.reason(answer))


def _accepted(answer: Answer) -> Accepted:
    return Accepted(answer.fields.identifier("submitted_message_id", ""))


def verify_signature(raw_body: bytes, signature: str | None, credentials: Mapping[str, str]) -> bool:
    """Whether the hex HMAC-SHA256 is over exactly these bytes; `sha256=` before it is taken off."""
    expected = hmac.new(credentials["webhook_secret"].encode(), raw_body, hashlib.sha256).hexdigest()
    given = (signature or "").removeprefix("sha256=").lower()
    return hmac.compare_digest(given.encode(), expected.encode())


def event_id(raw_body: bytes) -> str:
    """The id of the envelope, the same on every delivery; where there is none, the bytes themselves."""
    try:
        found = Fields(read_json(raw_body)).identifier("id", "")
    except FieldError:
        found = ""
    return found or hashlib.sha256(raw_body).hexdigest()


def read_receipts(raw_body: bytes) -> list[Receipt]:
    """The receipt in a status event; every other topic gives none. Raises FieldError."""
    event = Fields(read_json(raw_body))
    message = event.child("data", event).child("message", None)
    if message is None or event.text("topic", STATUS_TOPIC) != STATUS_TOPIC:
        return []
    status = STATUSES.get(message.text("status", "").lower())
    if status is None:
        return []
    failure = message.child("failureResponse", None)
    return [
        Receipt(
            message_id=message.identifier("messageId", "") or message.identifier("id", ""),
            status=status,
            to=ten_digits(message.identifier("phone_number", "")),
            at=None,
            code=failure.identifier("code", "") if failure else "",
            reason=failure.text("reason", "") if failure else "",
        )
    ]


def read_written(raw_body: bytes) -> list[Written]:
    """What a customer wrote; every other topic gives nothing. Raises FieldError."""
    event = Fields(read_json(raw_body))
    message = event.child("data", event).child("message", None)
    if message is None or event.text("topic", "") != WRITTEN_TOPIC:
        return []
    content = message.child("message_content", Fields({})).data.get("text")
    # a text, or an object with it inside
    text = content.get("body") if isinstance(content, Mapping) else content
    return [Written("WHATSAPP", ten_digits(message.identifier("phone_number", "")), str(text or ""))]
