"""Twin of Gupshup's enterprise gateway: takes SMS as a form, says yes and no with HTTP 200, reports in batches.

Documented: path, fields, delivery reports by POST (`response` is a JSON list) and their codes. From published clients:
HTTP 200 for both verdicts, the JSON answer, code 102. Assumed: the other codes and the words of refusals.
"""

import json
import re
import time
from urllib.parse import urlencode
from uuid import uuid4

from flask import request
from flask.typing import ResponseReturnValue

from app.sandbox.base import answer, simulator
from app.sandbox.comms import MessageTwin, Sent, Webhook
from app.sandbox.messages import Message

MOBILE = re.compile(r"91[6-9]\d{9}")
TEXT_CHARS_MAX = 1000
DELIVERED = ("DELIVERED", "SUCCESS", "000")
ABSENT = ("FAILED", "ABSENT_SUBSCRIBER", "001")
BLOCKED = ("FAILED", "BLOCKED", "007")
ON_THE_WAY = ("SENT", "SUBMITTED", "")


def reports(sent: Sent, status: str, _number: int) -> Webhook:
    failure = BLOCKED if sent.is_blocked else ABSENT
    event, cause, code = {"sent": ON_THE_WAY, "failed": failure}.get(status, DELIVERED)
    report = {
        "externalId": sent.id,
        "eventType": event,
        "eventTs": int(time.time() * 1000),
        "destAddr": f"91{sent.to}",
        "srcAddr": "LOSLOS",
        "cause": cause,
        "errCode": code,
        "channel": "SMS",
        "noOfFrags": 1,
    }
    form = urlencode({"response": json.dumps([report])})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Webhook(form.encode(), headers, twin.secret_query(sent))


def _authorised() -> bool:
    form = request.form
    return twin.accepts("userid", form.get("userid")) and twin.accepts("password", form.get("password"))


def _verdict(status: str, code: str, details: str, phone: str = "") -> ResponseReturnValue:
    if request.form.get("format") != "json":
        return (
            f"{status} | {phone or code} | {code if phone else details}",
            200,
            {"Content-Type": "text/plain"},
        )
    return answer({"response": {"id": code, "phone": phone, "details": details, "status": status}})


twin = MessageTwin(
    "gupshup",
    receipt=reports,
    authorised=_authorised,
    unauthorised=lambda: _verdict("error", "102", "Authentication failed due to invalid userId or password"),
    failure=lambda: ("Internal Server Error", 500),
)


@twin.post("/GatewayAPI/rest")
def send_sms() -> ResponseReturnValue:
    form = request.form
    if form.get("method") != "SendMessage":
        return _verdict("error", "103", "The method is not supported")
    if not MOBILE.fullmatch(form.get("send_to", "")):
        return _verdict("error", "105", "The phone number is not a valid phone number")
    if not 0 < len(form.get("msg", "")) <= TEXT_CHARS_MAX:
        return _verdict("error", "106", "The message is empty or too long")
    if not form.get("principalEntityId") or not form.get("dltTemplateId"):
        return _verdict("error", "312", "The DLT entity and template ids are mandatory")
    to = form["send_to"].removeprefix("91")
    message_id = f"{int(time.time() * 1e6)}-{uuid4().int % 10**18:018d}"
    message = Message("gupshup", "sms", to, form["msg"], template_id=form["dltTemplateId"])
    simulator().mailbox.add(message)
    twin.took(message_id, to)
    return _verdict("success", message_id, "", phone=form["send_to"])
