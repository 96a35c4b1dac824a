"""What all calls of the twin share: credentials, and the two envelopes of answers and refusals."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, basic_credentials

REFERENCE = r"[a-zA-Z0-9 _-]{1,45}"
MOBILE = r"[6-9]\d{9}"


def _uses_model_envelope() -> bool:
    return request.path.startswith(("/digitap/ent/", "/digitap/penny-drop/"))


def _authorised() -> bool:
    if request.endpoint == "digitap.share":  # the customer has no keys
        return True
    client_id, client_secret = basic_credentials("Authorization")
    if not client_id:
        client_id, client_secret = basic_credentials("ent_authorization")
    return twin.accepts("client_id", client_id) and twin.accepts("client_secret", client_secret)


def problem(status: int, message: str) -> ResponseReturnValue:
    if _uses_model_envelope():
        return answer({"code": str(status), "msg": message}, status)
    return answer({"http_response_code": status, "message": message}, status)


twin = Twin(
    "digitap",
    authorised=_authorised,
    unauthorised=lambda: problem(401, "Client Authentication failed"),
    failure=lambda: problem(500, "Internal Error"),
)


def verdict(
    body: Mapping[str, Any], result_code: int, message: str, result: Any = None, **more: Any
) -> ResponseReturnValue:
    """The `result_code` envelope."""
    return answer(
        {
            "http_response_code": 200,
            "client_ref_num": body["client_ref_num"],
            "request_id": str(uuid.uuid5(uuid.NAMESPACE_URL, request.path + body["client_ref_num"])),
            "result_code": result_code,
            "message": message,
            "result": result,
            **more,
        }
    )


def success(message: str, model: Mapping[str, Any]) -> ResponseReturnValue:
    """The `code`/`msg`/`model` envelope."""
    return answer({"code": "200", "msg": message, "model": model})


def refusal(message: str) -> ResponseReturnValue:
    return answer({"code": "400", "msg": message})


def digits(key: str, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(key.encode()).digest())
    return str(number % 10**count).zfill(count)
