"""Twin of MSG91: takes flow SMS and puts them into the mailbox of the sandbox.

Documented: path, body, the success answer. From published clients: a refusal is HTTP 200 with type
"error", bad credentials are HTTP 401 without a type. Assumed: the wording of refusals.
"""

import hashlib
import re
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, json_body, simulator
from app.sandbox.messages import Message

MOBILE = re.compile(r"91[6-9]\d{9}")

UNAUTHORISED = {
    "status": "fail",
    "hasError": True,
    "errors": "Unauthorized",
    "code": "401",
    "apiError": "201",
}

twin = Twin(
    "msg91",
    authorised=lambda: twin.accepts(
        "auth_key", request.headers.get("authkey") or request.args.get("authkey")
    ),
    unauthorised=lambda: answer(UNAUTHORISED, 401),
    failure=lambda: answer({"type": "error", "message": "Internal Server Error"}, 500),
)


@twin.post("/api/v5/flow")
def send_sms() -> ResponseReturnValue:
    body = json_body()
    template_id = body.get("template_id") or body.get("flow_id")
    recipients = body.get("recipients")
    if not template_id:
        return _refusal("template_id is missing")
    if not isinstance(recipients, list) or not recipients:
        return _refusal("recipients missing")
    if not all(_is_recipient(recipient) for recipient in recipients):
        return _refusal("Invalid mobile number")
    for recipient in recipients:
        simulator().mailbox.add(_message(str(template_id), recipient))
    return answer({"type": "success", "message": hashlib.sha256(request.get_data()).hexdigest()[:24]})


def _is_recipient(recipient: Any) -> bool:
    return isinstance(recipient, dict) and MOBILE.fullmatch(str(recipient.get("mobiles", ""))) is not None


def _message(template_id: str, recipient: dict[str, Any]) -> Message:
    """The text of the template is known to MSG91 alone; here the variables speak for it."""
    variables = {name: value for name, value in recipient.items() if name != "mobiles"}
    text = f"[{template_id}] " + ", ".join(f"{name}: {value}" for name, value in variables.items())
    to = recipient["mobiles"].removeprefix("91")
    return Message("msg91", "sms", to, text, template_id=template_id, variables=variables)


def _refusal(message: str) -> ResponseReturnValue:
    return answer({"type": "error", "message": message})
