"""Twin of DigiLocker: the page where a customer gives leave, tokens, and the documents of the persona.

The customer's side is `GET /digilocker/oauth2/1/authorize?...`, a page with buttons, and `POST` to the same with
`{"action": "allow" | "deny", "mobile": "..."}`: a browser is sent to the redirect URI, a program is told it. Whose
locker it is says the mobile (verified_mobile of the query, or what is posted). Downloads carry their hmac.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.sandbox.base import Twin, answer, simulator
from app.sandbox.keys import UIDAI_PRIVATE_KEY
from app.sandbox.pages import form_or_json, page
from app.sandbox.pdf import text_pdf
from app.sandbox.person import Person
from app.sandbox.personas import person_for

REQUIRED = ("response_type", "client_id", "redirect_uri", "state", "code_challenge")
EXPIRES_IN_S = 3600
# A grey square, so that a photo is a photo.
PHOTO = (
    "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAAAAACoWZBhAAAAFUlEQVR4nGNsYMAETAwMDKOCAxgEAA5RAQ3nC1cYAAAAAElFTkSuQmCC"
)
# What is in every locker: doctype, name, issuer.
DOCUMENTS = {
    "ADHAR": ("Aadhaar Card", "in.gov.uidai", "Unique Identification Authority of India"),
    "PANCR": ("PAN Verification Record", "in.gov.pan", "Income Tax Department"),
}


class Refused(Exception):
    """A DigiLocker error answer."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


def refusal(status: int, error: str, description: str) -> ResponseReturnValue:
    return answer({"error": error, "error_description": description}, status)


twin = Twin(
    "digilocker",
    # Each call proves itself in its own way: by our keys, or by a customer's token.
    authorised=lambda: True,
    unauthorised=lambda: refusal(401, "invalid_client_id", "The client id is not valid"),
    failure=lambda: refusal(500, "unexpected_error", "Internal server error"),
)


@twin.errorhandler(Refused)
def refuse(refused: Refused) -> ResponseReturnValue:
    return refusal(refused.status, refused.error, refused.description)


@twin.get("/oauth2/1/authorize")
def authorise_page() -> ResponseReturnValue:
    """What the customer sees."""
    missing = [name for name in REQUIRED if not request.args.get(name)]
    if missing or not twin.accepts("client_id", request.args.get("client_id")):
        raise Refused(400, "invalid_parameter", f"{(missing or ['client_id'])[0]} is missing or invalid")
    url = url_for("digilocker.authorise", **request.args)
    mobile = request.args.get("verified_mobile", "")
    buttons = {
        "Allow": (url, {"action": "allow", "mobile": mobile}),
        "Deny": (url, {"action": "deny", "mobile": mobile}),
    }
    return page("Share your documents", {"Scope": request.args.get("scope", "")}, buttons)


@twin.post("/oauth2/1/authorize")
def authorise() -> ResponseReturnValue:
    """What the customer does there."""
    asked = form_or_json()
    back: dict[str, str] = {"state": request.args.get("state", "")}
    mobile = str(asked.get("mobile") or request.args.get("verified_mobile") or "9000000001")
    if asked.get("action") == "allow":
        code = secrets.token_hex(20)
        granted = {**request.args.to_dict(), "person": person_for(phone=mobile)}
        with simulator().lock:
            simulator().shelf("digilocker.codes")[code] = granted
        back["code"] = code
    else:
        back |= {"error": "access_denied", "error_description": "User denied access"}
    target = f"{request.args.get('redirect_uri', '')}?{urlencode(back)}"
    if "text/html" in request.headers.get("Accept", ""):
        return redirect(target, 303)
    return answer({"redirect": target} | back)


@twin.post("/oauth2/1/token")
def exchange() -> ResponseReturnValue:
    form = request.form
    check_keys(form)
    with simulator().lock:
        if form.get("grant_type") == "refresh_token":
            granted = simulator().shelf("digilocker.refresh").pop(form.get("refresh_token", ""), None)
        else:
            granted = simulator().shelf("digilocker.codes").pop(form.get("code", ""), None)
            if granted and not is_same_party(granted, form):
                granted = None
        if granted is None:
            raise Refused(400, "invalid_grant", "The code or token is not valid")
        return answer(new_token(granted))


def check_keys(form: Mapping[str, str]) -> None:
    known = twin.accepts("client_id", form.get("client_id"))
    if not known or not twin.accepts("client_secret", form.get("client_secret")):
        raise Refused(401, "invalid_client_id", "The client id or secret is not valid")


def is_same_party(granted: Mapping[str, Any], form: Mapping[str, str]) -> bool:
    """Whether the code comes back to where it was sent, from whoever holds the verifier."""
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    same = ("client_id", "redirect_uri")
    return challenge == granted["code_challenge"] and all(form.get(name) == granted[name] for name in same)


def new_token(granted: dict[str, Any]) -> dict[str, Any]:
    access, refresh = secrets.token_hex(20), secrets.token_hex(20)
    simulator().shelf("digilocker.tokens")[access] = granted
    simulator().shelf("digilocker.refresh")[refresh] = granted
    return {
        "access_token": access,
        "expires_in": EXPIRES_IN_S,
        "token_type": "Bearer",
        "scope": granted.get("scope", ""),
        "refresh_token": refresh,
        **account_of(granted["person"]),
        "reference_key": hashlib.sha256(granted["person"].pan.encode()).hexdigest(),
    }


def account_of(person: Person) -> dict[str, Any]:
    return {
        "digilockerid": hashlib.md5(person.pan.encode(), usedforsecurity=False).hexdigest(),
        "name": person.kyc_name,
        "dob": f"{person.date_of_birth:%d%m%Y}",
        "gender": person.gender[0].upper(),
        "eaadhaar": "Y",
    }


def granted() -> dict[str, Any]:
    """What the customer's token lets us read."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    found = simulator().shelf("digilocker.tokens").get(token)
    if found is None:
        raise Refused(401, "invalid_token", "The access token is invalid or was revoked")
    return found


@twin.get("/oauth2/1/user")
def account() -> ResponseReturnValue:
    return answer(account_of(granted()["person"]))


@twin.get("/oauth2/2/files/issued")
def issued_files() -> ResponseReturnValue:
    person = granted()["person"]
    items = [
        {
            "name": name,
            "type": "file",
            "size": "",
            "date": "2026-01-01T10:00:00+05:30",
            "parent": "",
            "mime": ["application/pdf", "application/xml"],
            "uri": uri_of(person, doctype),
            "doctype": doctype,
            "description": name,
            "issuerid": issuer_id,
            "issuer": issuer,
        }
        for doctype, (name, issuer_id, issuer) in DOCUMENTS.items()
    ]
    return answer({"items": items, "resource": "D:/"})


def uri_of(person: Person, doctype: str) -> str:
    return f"{DOCUMENTS[doctype][1]}-{doctype}-{hashlib.sha256(f'{doctype}{person.pan}'.encode()).hexdigest()[:32]}"


def doctype_of(person: Person, uri: str) -> str:
    found = next((doctype for doctype in DOCUMENTS if uri_of(person, doctype) == uri), None)
    if found is None:
        raise Refused(404, "invalid_uri", "No file found for this URI")
    return found


@twin.get("/oauth2/1/file/<uri>")
def fetch_file(uri: str) -> ResponseReturnValue:
    leave = granted()
    doctype = doctype_of(leave["person"], uri)
    lines = (DOCUMENTS[doctype][0], leave["person"].kyc_name, "Issued to the provider sandbox")
    return vouched(leave, text_pdf(lines), "application/pdf")


@twin.get("/oauth2/1/xml/<uri>")
def fetch_xml(uri: str) -> ResponseReturnValue:
    leave = granted()
    person, doctype = leave["person"], doctype_of(leave["person"], uri)
    number = person.pan if doctype == "PANCR" else ""
    told = {"name": DOCUMENTS[doctype][0], "type": doctype, "number": number}
    certificate = ElementTree.Element("Certificate", told)
    issued_to = ElementTree.SubElement(certificate, "IssuedTo")
    ElementTree.SubElement(
        issued_to, "Person", {"name": person.kyc_name, "dob": f"{person.date_of_birth:%d-%m-%Y}"}
    )
    return vouched(leave, ElementTree.tostring(certificate), "application/xml")


DSIG = "http://www.w3.org/2000/09/xmldsig#"
# in canonical form already: what is signed are these bytes
SIGNED_INFO = (
    f'<SignedInfo xmlns="{DSIG}"><CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315">'
    '</CanonicalizationMethod><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256">'
    f'</SignatureMethod><Reference URI=""><Transforms><Transform Algorithm="{DSIG}enveloped-signature"></Transform>'
    '</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
    "<DigestValue>{}</DigestValue></Reference></SignedInfo>"
)


@twin.get("/oauth2/2/xml/eaadhaar")
def eaadhaar() -> ResponseReturnValue:
    leave = granted()
    return vouched(leave, kyc_res(leave["person"]), "application/xml")


def kyc_res(person: Person) -> bytes:
    """UIDAI's document, signed with the sandbox's key."""
    home = person.address
    root = ElementTree.Element(
        "KycRes", {"ret": "Y", "code": "sandbox", "txn": "1", "ts": "2026-05-01T10:00:00"}
    )
    uid_data = ElementTree.SubElement(root, "UidData", {"tkn": "", "uid": f"xxxxxxxx{person.aadhaar[-4:]}"})
    dob = f"{person.date_of_birth:%d-%m-%Y}"
    ElementTree.SubElement(
        uid_data, "Poi", {"dob": dob, "gender": person.gender[0].upper(), "name": person.kyc_name}
    )
    places = {
        "co": person.care_of,
        "house": home.house,
        "street": home.street,
        "loc": home.locality,
        "dist": home.district,
    }
    ElementTree.SubElement(
        uid_data, "Poa", {**places, "lm": "", "state": home.state, "pc": home.pincode, "country": "India"}
    )
    ElementTree.SubElement(uid_data, "Pht").text = PHOTO
    return sealed(root)


def sealed(root: ElementTree.Element) -> bytes:
    """The document with an enveloped signature over it (RSA-SHA256, canonical XML)."""
    digest = hashlib.sha256(ElementTree.canonicalize(ElementTree.tostring(root)).encode()).digest()
    info = SIGNED_INFO.format(base64.b64encode(digest).decode())
    key = load_pem_private_key(UIDAI_PRIVATE_KEY.encode(), None)
    proof = base64.b64encode(key.sign(info.encode(), PKCS1v15(), SHA256())).decode()
    signature = f'<Signature xmlns="{DSIG}">{info}<SignatureValue>{proof}</SignatureValue></Signature>'
    document = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    end = f"</{root.tag}>".encode()
    return document.removesuffix(end) + signature.encode() + end


def vouched(leave: Mapping[str, Any], data: bytes, content_type: str) -> Response:
    """A download with its hmac under the secret of the client that asks."""
    client_id = str(leave["client_id"])
    secret = client_id.replace("-client_id", "-client_secret")
    signature = base64.b64encode(hmac.digest(secret.encode(), data, hashlib.sha256)).decode()
    return Response(data, mimetype=content_type, headers={"hmac": signature})


@twin.post("/oauth2/1/revoke")
def revoke() -> ResponseReturnValue:
    """Whichever token is named, all of that leave is gone."""
    check_keys(request.form)
    token = request.form.get("token", "")
    with simulator().lock:
        shelves = [simulator().shelf(f"digilocker.{kind}") for kind in ("tokens", "refresh")]
        leave = next((shelf[token] for shelf in shelves if token in shelf), None)
        for shelf in shelves:
            for known in [key for key, value in shelf.items() if value is leave]:
                del shelf[known]
    return answer({})
