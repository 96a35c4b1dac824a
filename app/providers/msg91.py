"""MSG91: transactional SMS through an approved flow template.

Sources: msg91.com/help and api.msg91.com/apidoc (flow), a published client (paths, and that a
refusal comes as HTTP 200 with type "error"). The template's DLT registration stays with MSG91.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.providers.base import Answer, Operation, ProviderClient, operations
from app.providers.errors import ProviderUnauthorised
from app.providers.fields import FieldError, Fields

INDIA = "91"


@dataclass(frozen=True)
class SmsAccepted:
    """The provider took the SMS; whether it arrived comes later by webhook under this id."""

    request_id: str


class Msg91Client(ProviderClient):
    """Credentials: auth_key, sender."""

    provider = "msg91"
    operations = operations(
        # No idempotency key exists: trying again could send the SMS twice.
        Operation("send_sms", "POST", "/api/v5/flow", idempotent=False, timeout_s=10),
    )

    def send_sms(self, *, to: str, template_id: str, variables: Mapping[str, str]) -> SmsAccepted:
        """Send a template to a ten-digit Indian mobile, with the variables the template names."""
        body = {
            "template_id": template_id,
            "sender": self.settings.credentials["sender"],
            "short_url": "0",
            "realTimeResponse": "1",
            "recipients": [{**variables, "mobiles": INDIA + to}],
        }
        return self.call("send_sms", _accepted, json=body, hide=set(variables))

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        return {"authkey": self.settings.credentials["auth_key"]}

    def reason(self, answer: Answer) -> str:
        try:
            return _sentence(answer.fields) or f"HTTP {answer.status}"
        except FieldError:
            return f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        super().check(operation, answer)
        fields = answer.fields
        if fields.identifier("code", "") == "401":
            raise ProviderUnauthorised(self.provider, operation.name, _sentence(fields))
        if _verdict(fields) != "success":
            raise self.rejected(operation, _verdict(fields), _sentence(fields))


def _accepted(answer: Answer) -> SmsAccepted:
    """The id of the request stands in `message`."""
    return SmsAccepted(answer.fields.identifier("message"))


def _verdict(fields: Fields) -> str:
    return fields.text("type", None) or fields.text("msg_type")


def _sentence(fields: Fields) -> str:
    return fields.text("message", None) or fields.text("errors", "")
