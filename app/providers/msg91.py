"""MSG91: transactional SMS through an approved flow template, and its delivery reports.

Sources: msg91.com/help and api.msg91.com/apidoc (flow, delivery reports), a published client (paths, and that a
refusal comes as HTTP 200 with type "error"). The template's DLT registration stays with MSG91. Reports are not
signed: the URL that is registered for them carries a secret.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.core.clock import INDIA as INDIAN_TIME
from app.providers.errors import ProviderUnauthorised
from app.providers.fields import FieldError, Fields
from app.providers.messages import (
    INDIA,
    Accepted,
    Receipt,
    Sms,
    SmsClient,
    Status,
    Written,
    each,
    form_field,
    instant,
    read_json,
    ten_digits,
)
from app.providers.wire import Answer, Operation, operations

# The codes of a report; what is not here (and not among the refusals of operators) is on its way.
REPORT_STATUSES: Mapping[str, Status] = {
    "1": "DELIVERED",
    "2": "FAILED",
    "9": "FAILED",
    "16": "FAILED",
    "17": "FAILED",
    "25": "FAILED",
}
EVENT_STATUSES: Mapping[str, Status] = {"delivered": "DELIVERED", "failed": "FAILED", "rejected": "FAILED"}


class Msg91Client(SmsClient):
    """Credentials: auth_key, sender, webhook_secret."""

    provider = "msg91"
    # the page of the flow names no limit: an answer that is lost leaves so many in doubt
    together_max = 250
    reason_names = ("message", "errors")
    operations = operations(
        # No idempotency key exists: trying again could send the SMS twice.
        Operation("send_sms", "POST", "/api/v5/flow", idempotent=False, timeout_s=10),
    )

    def send(self, letters: Sequence[Sms]) -> Accepted:
        """As MessageClient. MSG91 has the words: only the variables go out, under the names the flow gives them."""
        body = {
            "template_id": letters[0].template_id,
            "sender": letters[0].sender or self.settings.credentials["sender"],
            "short_url": "0",
            "realTimeResponse": "1",
            "recipients": [{**letter.variables, "mobiles": INDIA + letter.to} for letter in letters],
        }
        hide = {name for letter in letters for name in letter.variables}
        return self.call("send_sms", _accepted, json=body, hide=hide, units=len(letters))

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"authkey": self.settings.credentials["auth_key"]}

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        fields = answer.fields
        if fields.identifier("code", "") == "401":
            raise ProviderUnauthorised(self.provider, operation.name, _sentence(fields))
        if _verdict(fields) != "success":
            raise self.rejected(operation, _verdict(fields), _sentence(fields))


def read_receipts(raw_body: bytes) -> list[Receipt]:
    """A report in any of its versions: 2 is a form with JSON in it, 3 an object, 4 a list. Raises FieldError.

    Version 4 names neither the request nor the number, so its receipts have no message_id.
    """
    form = form_field(raw_body, "data")
    told = read_json(form if form is not None else raw_body)
    if isinstance(told, Mapping):
        return [_report(Fields(told), Fields(told).identifier("requestId", ""))]
    if not isinstance(told, list):
        raise FieldError("body", f"expected a list or an object, got {type(told).__name__}")
    items = [Fields(item, f"[{number}]") for number, item in enumerate(told)]
    return [receipt for item in items for receipt in (_event if item.has("event") else _request)(item)]


# Which of these an account is sent is set up with the callback of its rented number; no page of theirs names them.
SENDER_NAMES = ("mobile", "number", "sender", "from")
TEXT_NAMES = ("message", "content", "text")


def read_written(raw_body: bytes) -> list[Written]:
    """An SMS to a rented number: an object, a form, or the query of a GET. Raises FieldError."""
    sender, text = (_first(raw_body, names) for names in (SENDER_NAMES, TEXT_NAMES))
    if not sender:
        raise FieldError(SENDER_NAMES[0], "missing")
    return [Written("SMS", ten_digits(sender), text)]


def _first(raw_body: bytes, names: tuple[str, ...]) -> str:
    """The first of these fields that is there."""
    if raw_body.lstrip()[:1] == b"{":
        told = Fields(read_json(raw_body))
        return next((told.identifier(name) for name in names if told.has(name)), "")
    return next(filter(None, (form_field(raw_body, name) for name in names)), "")


def _request(request: Fields) -> list[Receipt]:
    request_id = request.identifier("requestId")
    return [_report(report, request_id) for report in request.children("report")]


def _report(report: Fields, request_id: str) -> Receipt:
    status = REPORT_STATUSES.get(report.identifier("status"), "SENT")
    words = report.text("failedReason", "") or report.text("desc", "")
    return Receipt(
        message_id=request_id,
        status=status,
        to=ten_digits(report.identifier("number")),
        at=_instant(report),
        code=report.identifier("status") if status == "FAILED" else "",
        reason=words if status == "FAILED" else "",
    )


def _event(event: Fields) -> list[Receipt]:
    status = EVENT_STATUSES.get(event.text("event").lower(), "SENT")
    return each(
        event.data.get("data"),
        lambda item: Receipt(
            message_id="",
            status=status,
            to="",
            at=instant(item.data.get("ts")),
            reason=item.text("description", "") if status == "FAILED" else "",
        ),
    )


def _instant(report: Fields) -> datetime | None:
    """`2024-05-22 10:06:20`, in Indian time as we take it."""
    try:
        return datetime.strptime(report.text("date", ""), "%Y-%m-%d %H:%M:%S").replace(tzinfo=INDIAN_TIME)
    except ValueError:
        return None


def _accepted(answer: Answer) -> Accepted:
    """The id of the request stands in `message`."""
    return Accepted(answer.fields.identifier("message"))


def _verdict(fields: Fields) -> str:
    return fields.text("type", None) or fields.text("msg_type")


def _sentence(fields: Fields) -> str:
    return fields.text("message", None) or fields.text("errors", "")
