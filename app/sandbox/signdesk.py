"""Twin of SignDesk: a docket with one document, a page to sign it on, the signed PDF, a callback.

The signer's side is `GET /signdesk/sign/<document id>`, a page with buttons, and `POST` to the same with
`{"action": "sign" | "reject"}`. Documented: paths, fields, the refusal in an HTTP 200. Assumed: the words rejected and
expired, the callback's body `{docket_id, document_id, status}` and its secret in `x-callback-secret`; it goes to
`<callback>/partner/brand/<brand>/esign/webhook`, as that address is set in the portal and not in the request.
"""

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import g, request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, json_body, send_webhook, simulator
from app.sandbox.pages import done, form_or_json, page
from app.sandbox.pdf import is_pdf, with_page

SIGNER_ROUTES = ("signdesk.sign_page", "signdesk.sign")
ACTIONS = {"sign": "signed", "reject": "rejected"}


@dataclass
class Docket:
    """A docket of one document and one signer."""

    brand_id: str
    asked: dict[str, Any]
    document: bytes
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:24])
    document_id: str = field(default_factory=lambda: uuid.uuid4().hex[:24])
    signer_id: str = field(default_factory=lambda: uuid.uuid4().hex[:24])
    status: str = "invited"

    @property
    def signer(self) -> dict[str, Any]:
        return self.asked["signers_info"][0]


def failed(code: str, error: str, status: int = 200) -> ResponseReturnValue:
    return answer({"status": "failed", "error": error, "error_code": code}, status)


def authorised() -> bool:
    if request.endpoint in SIGNER_ROUTES:
        return True
    application_id, api_key = (
        request.headers.get(f"x-parse-{n}") for n in ("application-id", "rest-api-key")
    )
    return twin.accepts("application_id", application_id) and twin.accepts("api_key", api_key)


twin = Twin(
    "signdesk",
    authorised=authorised,
    unauthorised=lambda: failed("unauthorized", "Invalid application id or key", 401),
    failure=lambda: failed("internal_error", "Something went wrong", 500),
)


@twin.post("/signRequest")
def sign_request() -> ResponseReturnValue:
    asked = json_body()
    documents, signers = asked.get("documents") or [], asked.get("signers_info") or []
    if not asked.get("reference_id") or len(documents) != 1 or len(signers) != 1:
        return failed("invalid_request", "reference_id, one document and one signer are needed")
    document = pdf_of(str(documents[0].get("content", "")))
    if not is_pdf(document):
        return failed("invalid_document", "content must be base64 of a PDF")
    docket = Docket(g.get("brand_id", ""), asked, document)
    with simulator().lock:
        simulator().shelf("signdesk.dockets")[docket.document_id] = docket
    return answer({"status": "success", "docket_id": docket.id, "signer_info": [signer_info(docket)]})


@twin.post("/getSignatureStatus")
def signature_status() -> ResponseReturnValue:
    docket = known(json_body().get("document_id"))
    if docket is None:
        return failed("document_not_found", "No such document")
    return answer({"status": "success", "signer_info": [signer_info(docket) | {"status": docket.status}]})


@twin.post("/getDocketInfo")
def docket_info() -> ResponseReturnValue:
    asked = json_body()
    docket = known(asked.get("document_id"))
    if docket is None or docket.id != asked.get("docket_id"):
        return failed("docket_not_found", "No such docket")
    content = base64.b64encode(docket.document).decode()
    return answer(
        {"status": "success", "docket_Info": [{"document_id": docket.document_id, "content": content}]}
    )


@twin.get("/sign/<document_id>")
def sign_page(document_id: str) -> ResponseReturnValue:
    """What the signer sees."""
    docket = simulator().shelf("signdesk.dockets").get(document_id)
    if docket is None:
        return page("No such document", {}, {}), 404
    facts = {
        "Agreement": docket.asked.get("docket_title", ""),
        "Signer": docket.signer.get("signer_name", ""),
        "Status": docket.status,
    }
    url = url_for("signdesk.sign", document_id=document_id)
    buttons = {"Sign with Aadhaar OTP": (url, {"action": "sign"}), "Reject": (url, {"action": "reject"})}
    return page("Sign your loan agreement", facts, buttons if docket.status == "invited" else {})


@twin.post("/sign/<document_id>")
def sign(document_id: str) -> ResponseReturnValue:
    """What the signer does there."""
    action = form_or_json().get("action")
    with simulator().lock:
        docket = simulator().shelf("signdesk.dockets").get(document_id)
        if docket is None or action not in ACTIONS or docket.status != "invited":
            return failed("not_possible", "nothing can be done about this document", 409)
        docket.status = ACTIONS[action]
        if action == "sign":
            docket.document = with_page(docket.document, signature_lines(docket))
        call_back(docket)
    shown = {"document_id": document_id, "status": docket.status}
    return done(shown, url_for("signdesk.sign_page", document_id=document_id))


def signature_lines(docket: Docket) -> tuple[str, ...]:
    return (
        "Digitally signed with Aadhaar eSign (provider sandbox)",
        f"Agreement: {docket.asked.get('docket_title', '')}",
        f"Signer: {docket.signer.get('signer_name', '')}",
        f"Signed at: {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        f"SHA-256 of the unsigned document: {hashlib.sha256(docket.document).hexdigest()}",
    )


def signer_info(docket: Docket) -> dict[str, Any]:
    return {
        "signer_ref_id": docket.signer.get("signer_ref_id"),
        "signer_id": docket.signer_id,
        "document_id": docket.document_id,
        "reference_doc_id": docket.asked["documents"][0].get("reference_doc_id"),
        "invitation_link": url_for("signdesk.sign_page", document_id=docket.document_id, _external=True),
    }


def known(document_id: Any) -> Docket | None:
    """A document of the account that asks."""
    docket = simulator().shelf("signdesk.dockets").get(document_id)
    return docket if docket and docket.brand_id == g.get("brand_id", "") else None


def pdf_of(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return b""


def call_back(docket: Docket) -> None:
    if not docket.brand_id:
        return
    told = {"docket_id": docket.id, "document_id": docket.document_id, "status": docket.status}
    headers = {
        "Content-Type": "application/json",
        "x-callback-secret": f"sandbox-signdesk-callback_secret-{docket.brand_id}",
    }
    url = f"{simulator().callback_url}/partner/brand/{docket.brand_id}/esign/webhook"
    event_id = f"{docket.document_id}:{docket.status}"
    raw = json.dumps(told).encode()
    send_webhook(url, raw, headers, provider="signdesk", event_id=event_id, operation=docket.status)
