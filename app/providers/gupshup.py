"""Gupshup: SMS through its enterprise gateway, WhatsApp templates through its API. Two products, two accounts.

Sources: docs.gupshup.io (both calls, real-time delivery reports), partner-docs.gupshup.io (message events v2 and v3,
error codes), published clients (that the gateway says no with HTTP 200, its text form, and the
names in which it passes on an SMS that came in). Neither signs what it
sends: the URL that is registered carries a secret.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from app.providers.errors import ProviderUnauthorised
from app.providers.fields import FieldError, Fields
from app.providers.messages import (
    INDIA,
    Accepted,
    Receipt,
    Sms,
    SmsClient,
    Status,
    WhatsApp,
    WhatsAppClient,
    Written,
    each,
    form_field,
    instant,
    read_json,
    ten_digits,
)
from app.providers.wire import Answer, Operation, operations, urlencoded

AUTHENTICATION_FAILED, SERVICE_DISABLED = "102", "175"
SMS_STATUSES: Mapping[str, Status] = {"DELIVERED": "DELIVERED", "FAILED": "FAILED"}
WHATSAPP_STATUSES: Mapping[str, Status] = {
    "enqueued": "SENT",
    "sent": "SENT",
    "delivered": "DELIVERED",
    "read": "READ",
    "failed": "FAILED",
}


class GupshupClient(SmsClient):
    """Credentials: userid, password, entity_id (DLT), sender, webhook_secret."""

    provider = "gupshup"
    operations = operations(
        # No idempotency key exists: trying again could send the SMS twice.
        Operation("send_sms", "POST", "/GatewayAPI/rest", idempotent=False, timeout_s=10),
    )

    def send(self, letters: Sequence[Sms]) -> Accepted:
        """As MessageClient. The filled text goes out, and must match the template that is registered under its id."""
        (letter,) = letters
        credentials = self.settings.credentials
        form = {
            "method": "SendMessage",
            "send_to": INDIA + letter.to,
            "msg": letter.text,
            "msg_type": "TEXT" if letter.text.isascii() else "Unicode_text",
            "userid": credentials["userid"],
            "password": credentials["password"],
            "auth_scheme": "plain",
            "v": "1.1",
            "format": "json",
            "mask": letter.sender or credentials["sender"],
            "principalEntityId": credentials["entity_id"],
            "dltTemplateId": letter.template_id,
        }
        # in the body, never in the query: that would stand in the logs on the way
        content = urlencoded(form, hide={"msg", "userid", "send_to"})
        return self.call(
            "send_sms", lambda answer: Accepted(_verdict(answer).identifier("id")), content=content
        )

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        verdict = _verdict(answer)
        if verdict.text("status").lower() == "success":
            return
        code, reason = verdict.identifier("id", "error"), verdict.text("details", "")
        if code in (AUTHENTICATION_FAILED, SERVICE_DISABLED):
            raise ProviderUnauthorised(self.provider, operation.name, f"{code}: {reason}")
        raise self.rejected(operation, code, reason)


class GupshupWhatsAppClient(WhatsAppClient):
    """Credentials: api_key, source (our business number, digits), app_name, webhook_secret."""

    provider = "gupshup_whatsapp"
    reason_names = ("message",)
    operations = operations(
        Operation("send_template", "POST", "/wa/api/v1/template/msg", idempotent=False, timeout_s=15),
    )

    def send(self, letters: Sequence[WhatsApp]) -> Accepted:
        """As MessageClient. The answer means accepted; a number without WhatsApp is told by an event."""
        (letter,) = letters
        credentials = self.settings.credentials
        form = {
            "channel": "whatsapp",
            "source": credentials["source"],
            "destination": INDIA + letter.to,
            "src.name": credentials["app_name"],
            "template": json.dumps(
                {"id": letter.template_id, "params": list(letter.parameters)}, ensure_ascii=False
            ),
        }
        content = urlencoded(form, hide={"template", "destination"})
        return self.call(
            "send_template", lambda answer: Accepted(answer.fields.identifier("messageId")), content=content
        )

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"apikey": self.settings.credentials["api_key"]}

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        status = answer.fields.text("status")
        if status != "submitted":
            raise self.rejected(operation, status, self.reason(answer))


def _verdict(answer: Answer) -> Fields:
    """The gateway's answer; the text form (`error | 102 | words`) comes where it does not know format=json."""
    if answer.body.lstrip()[:1] == b"{":
        return answer.fields.child("response")
    status, _, rest = (part.strip() for part in answer.body.decode("utf-8", "replace").partition("|"))
    first, _, last = (part.strip() for part in rest.partition("|"))
    if status == "success":
        return Fields({"status": status, "phone": first, "id": last})
    if status == "error":
        return Fields({"status": status, "id": first, "details": last})
    raise FieldError("body", "neither JSON nor `success | ...` nor `error | ...`")


def read_sms_receipts(raw_body: bytes) -> list[Receipt]:
    """Delivery reports: a form whose `response` is a JSON list of up to 20, or one report as a form (which is how
    the query of the GET variant reads). Raises FieldError."""
    batch = form_field(raw_body, "response")
    if batch is not None:
        return each(read_json(batch), _sms_receipt)
    names = ("externalId", "status", "phoneNo", "deliveredTS", "cause", "errCode")
    report = {name: form_field(raw_body, name) or "" for name in names}
    renamed = {"eventType": report["status"], "destAddr": report["phoneNo"], "eventTs": report["deliveredTS"]}
    return [_sms_receipt(Fields(report | renamed))]


def _sms_receipt(event: Fields) -> Receipt:
    status = SMS_STATUSES.get(event.text("eventType").upper(), "SENT")
    return Receipt(
        message_id=event.identifier("externalId"),
        status=status,
        to=ten_digits(event.identifier("destAddr")),
        at=_from_ms(event.identifier("eventTs", "")),
        code=event.identifier("errCode", "") if status == "FAILED" else "",
        reason=event.text("cause", "") if status == "FAILED" else "",
    )


def read_whatsapp_receipts(raw_body: bytes) -> list[Receipt]:
    """Message events, version 2 or 3. What a customer writes, and news of templates, are none. Raises FieldError."""
    event = Fields(read_json(raw_body))
    if event.has("entry"):
        return [receipt for entry in event.children("entry") for receipt in _entry(entry)]
    if event.text("type", "") != "message-event":
        return []
    payload = event.child("payload")
    status = WHATSAPP_STATUSES.get(payload.text("type"))
    if status is None:
        return []
    inner = payload.child("payload", Fields({}))
    at = instant(inner.data["ts"]) if inner.has("ts") else _from_ms(event.identifier("timestamp", ""))
    return [
        Receipt(
            # `id` is WhatsApp's own from `sent` on; gsId stays that of the send
            message_id=payload.identifier("gsId", "") or payload.identifier("id"),
            status=status,
            to=ten_digits(payload.identifier("destination", "")),
            at=at,
            code=inner.identifier("code", "") if status == "FAILED" else "",
            reason=inner.text("reason", "") if status == "FAILED" else "",
        )
    ]


def read_whatsapp_written(raw_body: bytes) -> list[Written]:
    """What a customer wrote, version 2 or 3. Raises FieldError."""
    event = Fields(read_json(raw_body))
    if event.has("entry"):
        return [
            Written(
                "WHATSAPP",
                ten_digits(message.identifier("from", "")),
                message.child("text", Fields({})).text("body", ""),
            )
            for entry in event.children("entry")
            for value in _values(entry)
            for message in value.children("messages", [])
        ]
    if event.text("type", "") != "message":
        return []
    payload = event.child("payload")
    text = payload.child("payload", Fields({})).text("text", "")
    return [Written("WHATSAPP", ten_digits(payload.identifier("source", "")), text)]


def read_sms_written(raw_body: bytes) -> list[Written]:
    """An SMS to a rented number (`msisdn` wrote `content`), as a form or as the query of a GET. Raises FieldError."""
    sender, text = form_field(raw_body, "msisdn"), form_field(raw_body, "content")
    if not sender:
        raise FieldError("msisdn", "missing")
    return [Written("SMS", ten_digits(sender), text or "")]


def _entry(entry: Fields) -> list[Receipt]:
    return [
        receipt
        for value in _values(entry)
        for status in value.children("statuses", [])
        if (receipt := _meta_receipt(status))
    ]


def _values(entry: Fields) -> list[Fields]:
    return [change.child("value") for change in entry.children("changes", [])]


def _meta_receipt(told: Fields) -> Receipt | None:
    status = WHATSAPP_STATUSES.get(told.text("status"))
    if status is None:
        return None
    errors = told.children("errors", [])
    return Receipt(
        message_id=told.identifier("gs_id", "") or told.identifier("id"),
        status=status,
        to=ten_digits(told.identifier("recipient_id", "")),
        at=instant(told.data.get("timestamp")),
        code=errors[0].identifier("code", "") if errors else "",
        reason=errors[0].text("title", "") if errors else "",
    )


def _from_ms(text: str) -> datetime | None:
    return instant(int(text) / 1000) if text.isdigit() else None
