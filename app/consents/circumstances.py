"""From where and in which session a consent is given or taken back."""

from typing import Any

from flask import request

from app.core import audit, identity


def circumstances() -> dict[str, Any]:
    """ip, device and evidence of this request of a signed-in customer: a session is opened by a code to their phone."""
    told = audit.where_from()
    claims = identity.read_token(identity.World.CUSTOMER, request.headers["Authorization"])
    evidence = {"sessionId": claims["sid"], "requestId": told["request_id"], "userAgent": told["user_agent"]}
    return {"ip": told["ip"], "device": told["device"], "evidence": evidence}
