"""Twin of Signzy's contracts: a page to sign on, a PDF with a signature page, a callback.

The signer's side is `GET /signzy/sign/<contract id>`, a page with buttons, and `POST` to the same with
`{"action": "sign" | "reject", "name": whose Aadhaar it is}`. Then the callback goes to the contract's callbackUrl
with the Authorization that was asked for, and pullData and `/signzy/files/<contract id>/<signed|audit>.pdf` show the
outcome.
Documented: paths, fields, error shape, 403 for a token without the right. Assumed: the words COMPLETED,
SIGNED, REJECTED, and that the callback's body is what pullData answers.
"""

import base64
import hashlib
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, json_body, send_webhook, simulator
from app.sandbox.pages import done, form_or_json, page
from app.sandbox.pdf import is_pdf, text_pdf, with_page

SIGNER_ROUTES = ("signzy.sign_page", "signzy.sign", "signzy.download_signed")
REQUIRED = ("pdf", "contractName", "successRedirectUrl", "failureRedirectUrl", "callbackUrl", "signerdetail")
# What the signer does: the state of the contract, and the signer's own.
ACTIONS = {"sign": ("COMPLETED", "SIGNED"), "reject": ("REJECTED", "REJECTED")}
FETCH_TIMEOUT_S = 10


@dataclass
class Contract:
    """A contract of one signer; ended_at and files are there once it was signed or rejected."""

    id: str
    asked: dict[str, Any]
    document: bytes
    lapses_at: datetime
    signer_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "PENDING"
    signer_status: str = "PENDING"
    signed_by: str = ""
    ended_at: datetime | None = None
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def signer(self) -> dict[str, Any]:
        return self.asked["signerdetail"][0]


def error(status: int, reason: str, message: str) -> ResponseReturnValue:
    kinds = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 500: "Internal Server Error"}
    shown = {
        "name": "error",
        "message": message,
        "reason": reason,
        "type": kinds[status],
        "statusCode": status,
    }
    return answer(shown, status)


def authorised() -> bool:
    return request.endpoint in SIGNER_ROUTES or twin.accepts("token", request.headers.get("Authorization"))


twin = Twin(
    "signzy",
    authorised=authorised,
    unauthorised=lambda: error(401, "UNAUTHORIZED", "Invalid access token"),
    failure=lambda: error(500, "INTERNAL_ERROR", "Something went wrong"),
)


@twin.post("/api/v3/contract/initiate")
def initiate_contract() -> ResponseReturnValue:
    asked = json_body()
    missing = [name for name in REQUIRED if not asked.get(name)]
    if missing:
        return error(400, "VALIDATION_ERROR", f'"{missing[0]}" is required')
    document = pdf_of(str(asked["pdf"]))
    if not is_pdf(document):
        return error(400, "VALIDATION_ERROR", '"pdf" must be a URL or base64 of a PDF')
    lapses_at = datetime.now(UTC) + timedelta(milliseconds=int(asked.get("contractTtl", 7 * 86_400_000)))
    contract = Contract(str(uuid.uuid4()), asked, document, lapses_at)
    with simulator().lock:
        simulator().shelf("signzy.contracts")[contract.id] = contract
    esign_url = url_for("signzy.sign_page", contract_id=contract.id, _external=True)
    shown = {
        "customerId": "sandbox",
        "username": "sandbox",
        "contractId": contract.id,
        "pdf": asked["pdf"] if str(asked["pdf"]).startswith("http") else "",
        "initialContractHash": hashlib.sha256(document).hexdigest(),
        "signerdetail": [contract.signer | {"signerId": contract.signer_id, "esignUrl": esign_url}],
        "fileTtl": asked.get("contractTtl"),
    }
    return answer(shown)


@twin.post("/api/v3/contract/pullData")
def pull_contract() -> ResponseReturnValue:
    contract = known(json_body().get("contractId"))
    if contract is None:
        return error(404, "NOT_FOUND", "Contract not found or expired")
    return answer(state_of(contract))


@twin.get("/sign/<contract_id>")
def sign_page(contract_id: str) -> ResponseReturnValue:
    """What the signer sees."""
    contract = known(contract_id)
    if contract is None:
        return page("No such contract", {}, {}), 404
    facts = {
        "Agreement": contract.asked["contractName"],
        "With": contract.asked.get("contractExecuterName", ""),
        "Signer": contract.signer.get("signerName", ""),
        "Status": contract.status,
    }
    url = url_for("signzy.sign", contract_id=contract_id)
    buttons = {"Sign with Aadhaar OTP": (url, {"action": "sign"}), "Reject": (url, {"action": "reject"})}
    return page("Sign your loan agreement", facts, buttons if contract.status == "PENDING" else {})


twin.on_page("/sign/{id}", *ACTIONS)


@twin.post("/sign/<contract_id>")
def sign(contract_id: str) -> ResponseReturnValue:
    """What the signer does there."""
    asked = form_or_json()
    action = asked.get("action")
    with simulator().lock:
        contract = known(contract_id)
        if contract is None or action not in ACTIONS:
            return error(404, "NOT_FOUND", "no such contract or action")
        if contract.status != "PENDING":
            return error(400, "VALIDATION_ERROR", f"the contract is {contract.status}")
        contract.status, contract.signer_status = ACTIONS[action]
        contract.ended_at = datetime.now(UTC)
        contract.signed_by = str(asked.get("name") or contract.signer.get("signerName", ""))
        if action == "sign":
            contract.files = signed_files(contract)
        call_back(contract)
    shown = {"contractId": contract_id, "contractStatus": contract.status}
    return done(shown, url_for("signzy.sign_page", contract_id=contract_id))


@twin.get("/files/<contract_id>/<name>.pdf")
def download_signed(contract_id: str, name: str) -> ResponseReturnValue:
    """A file of a completed contract: open to whoever has the link."""
    contract = known(contract_id)
    if contract is None or name not in contract.files:
        return error(404, "NOT_FOUND", "no such file")
    return Response(contract.files[name], mimetype="application/pdf")


def pdf_of(given: str) -> bytes:
    """The document behind a URL or in base64; empty when it cannot be had."""
    try:
        if given.startswith(("http://", "https://")):
            return requests.get(given, timeout=FETCH_TIMEOUT_S).content
        return base64.b64decode(given, validate=True)
    except (requests.RequestException, ValueError):
        return b""


def known(contract_id: Any) -> Contract | None:
    """The contract, unless it lapsed before it was signed."""
    contract = simulator().shelf("signzy.contracts").get(contract_id)
    if contract and contract.status == "PENDING" and contract.lapses_at <= datetime.now(UTC):
        return None
    return contract


def signed_files(contract: Contract) -> dict[str, bytes]:
    """The signed agreement and the certificate of how it was signed."""
    lines = (
        "Digitally signed with Aadhaar eSign (provider sandbox)",
        f"Agreement: {contract.asked['contractName']}",
        f"Signer: {contract.signer.get('signerName', '')}",
        f"Signed at: {contract.ended_at:%Y-%m-%d %H:%M:%S} UTC",
        f"SHA-256 of the unsigned document: {hashlib.sha256(contract.document).hexdigest()}",
    )
    signed = with_page(contract.document, lines)
    audit = text_pdf(("Audit certificate", f"Contract: {contract.id}", *lines))
    return {"signed": signed, "audit": audit}


def state_of(contract: Contract) -> dict[str, Any]:
    """What pullData answers."""
    is_completed = contract.status == "COMPLETED"
    state = {
        "contractId": contract.id,
        "initialSignerCount": 1,
        "signedSignerCount": int(is_completed),
        "deletedSignerCount": 0,
        "contractStatus": contract.status,
        "isCompleted": is_completed,
        "signerdetail": [signer_state(contract)],
    }
    if not is_completed:
        return state
    links = {"finalSignedContract": "signed", "auditCertificateUrl": "audit"}
    hashes = {"finalSignedContractHash": "signed", "auditCertificateHash": "audit"}
    return (
        state
        | {"contractCompletionTime": instant(contract.ended_at)}
        | {
            key: url_for("signzy.download_signed", contract_id=contract.id, name=name, _external=True)
            for key, name in links.items()
        }
        | {key: hashlib.sha256(contract.files[name]).hexdigest() for key, name in hashes.items()}
    )


def signer_state(contract: Contract) -> dict[str, Any]:
    signer = contract.signer
    state = {
        "signerName": signer.get("signerName", ""),
        "signerId": contract.signer_id,
        "status": contract.signer_status,
        "errorMessage": "Signer rejected the contract" if contract.signer_status == "REJECTED" else "",
        "noOfSuccessfulAttempts": int(contract.signer_status == "SIGNED"),
    }
    if contract.signer_status != "SIGNED":
        return state
    certificate = {
        "name": contract.signed_by,
        "uidLastFourDigits": signer.get("uidLastFourDigits", ""),
        "yob": signer.get("signerYearOfBirth", ""),
    }
    signed = {"nameMatchResult": "1.00", "aadhaarStatus": "SUCCESS", "signerIP": "127.0.0.1"}
    return state | signed | {"esignAttempts": [{"signerDscData": certificate}]}


def call_back(contract: Contract) -> None:
    raw = answer(state_of(contract)).get_data()
    headers = {
        "Content-Type": "application/json",
        "Authorization": str(contract.asked.get("callbackUrlAuthorizationHeader", "")),
    }
    send_webhook(
        contract.asked["callbackUrl"],
        raw,
        headers,
        provider="signzy",
        event_id=f"{contract.id}:{contract.status}",
        operation=contract.status,
    )


def instant(at: datetime | None) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else ""
