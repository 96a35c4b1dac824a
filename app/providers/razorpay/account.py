"""How we sign in to Razorpay and how it says no: what all its products share.

Source: Razorpay's API reference. Basic authentication with key_id and key_secret. A refusal is
ProviderRejected with Razorpay's code (BAD_REQUEST_ERROR) and description.
"""

import base64
from typing import Any

from app.providers.base import ProviderClient
from app.providers.pace import Rate
from app.providers.wire import Answer, Operation

# Names of people: the keys of a body say too little for the masks to find them.
HIDDEN = ("name", "beneficiary_name", "registered_name", "address")


class RazorpayAccount(ProviderClient):
    """One key pair for all products; amounts go over the wire in paise."""

    provider = "razorpay"
    # RazorpayX advises 5 to 10 a second; elsewhere no number is published.
    rate = Rate(10)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        pair = f"{credentials['key_id']}:{credentials['key_secret']}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def check(self, operation: Operation, answer: Answer) -> None:
        if answer.status == 409:  # the same request is still being worked on
            raise self.unavailable(operation, "HTTP 409")
        if answer.status in (401, 403, 429) or not 400 <= answer.status < 500:
            super().check(operation, answer)
            return
        error = answer.fields.child("error", answer.fields)
        code = error.identifier("code", str(answer.status))
        raise self.rejected(operation, code, error.text("description", "") or error.text("message", ""))


def without_none(**body: Any) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
