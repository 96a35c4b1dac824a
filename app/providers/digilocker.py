"""DigiLocker 2.0: a customer lets us read their documents, straight from those who issued them.

Sources: the OpenAPI file of the Authorized Partner API and its published clients. OAuth 2.0 authorisation code with
PKCE (S256): `authorise_url` is opened in the customer's browser, which comes back with `code` and `state`; `exchange`
makes a token of the code. Field spellings of the specification and of the clients differ: both are read. A download
carries the header `hmac`, base64 of HMAC-SHA256 over its bytes under our client secret. What the customer has taken
back, or a token that is over, is a refusal (invalid_token), not a fault of ours.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import structlog

from app.providers.base import ProviderClient
from app.providers.fields import FieldError, Fields
from app.providers.wire import Answer, Operation, operations, urlencoded
from app.providers.xml_signatures import SignatureRefused, verify

log = structlog.get_logger()

NOT_SIGNED = "UIDAI did not sign what came. Begin again, or choose another way."
DOCUMENT_BYTES_MAX = 20_000_000
HMAC_HEADER = "hmac"
SCOPE = "files.issueddocs openid"
DATE = "%d%m%Y"
AADHAAR_DATE = "%d-%m-%Y"
GENDERS = {"M": "male", "F": "female", "T": "other"}
HIDDEN = (
    "name",
    "dob",
    "code",
    "code_verifier",
    "client_secret",
    "token",
    "access_token",
    "refresh_token",
    "digilockerid",
    "digilocker_id",
    "reference_key",
)
# Of all 401s this one is about the customer's token, not about our keys.
TOKEN_IS_OVER = "invalid_token"


@dataclass(frozen=True)
class Token:
    """Leave to read. has_eaadhaar says whether an Aadhaar is linked to the account."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: timedelta
    digilocker_id: str = field(repr=False)
    name: str = field(repr=False)
    date_of_birth: date | None = field(repr=False)
    gender: str
    has_eaadhaar: bool


@dataclass(frozen=True)
class Account:
    """Whose locker it is."""

    digilocker_id: str = field(repr=False)
    name: str = field(repr=False)
    date_of_birth: date | None = field(repr=False)
    gender: str
    has_eaadhaar: bool


@dataclass(frozen=True)
class IssuedFile:
    """A document in the locker; uri is what it is fetched by, doctype ADHAR, PANCR, DRVLC..."""

    uri: str
    doctype: str
    name: str
    issuer: str
    issuer_id: str
    content_types: tuple[str, ...]


@dataclass(frozen=True)
class Download:
    """A file as it came, whose hmac was found good."""

    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class EAadhaar:
    """A person as UIDAI has them. Of the number only the last four digits; photo is a JPEG.

    xml is the whole signed document.
    """

    name: str = field(repr=False)
    date_of_birth: date = field(repr=False)
    gender: str
    aadhaar_last4: str
    address: Mapping[str, str] = field(repr=False)
    photo: bytes | None = field(repr=False)
    xml: bytes = field(repr=False)


class DigilockerClient(ProviderClient):
    """Credentials: client_id, client_secret; uidai_certificate, the PEM of whom UIDAI signs as, one or several."""

    provider = "digilocker"
    operations = operations(
        # A code is good once.
        Operation("exchange", "POST", "/oauth2/1/token", idempotent=False),
        Operation("account", "GET", "/oauth2/1/user", idempotent=True),
        Operation("issued_files", "GET", "/oauth2/2/files/issued", idempotent=True),
        Operation(
            "fetch_file",
            "GET",
            "/oauth2/1/file/{uri}",
            idempotent=True,
            timeout_s=45.0,
            answer_bytes_max=DOCUMENT_BYTES_MAX,
            answer_is_document=True,
        ),
        Operation(
            "fetch_xml",
            "GET",
            "/oauth2/1/xml/{uri}",
            idempotent=True,
            timeout_s=45.0,
            answer_is_document=True,
        ),
        Operation(
            "eaadhaar",
            "GET",
            "/oauth2/2/xml/eaadhaar",
            idempotent=True,
            timeout_s=45.0,
            answer_is_document=True,
        ),
        Operation("revoke", "POST", "/oauth2/1/revoke", idempotent=True),
    )

    def authorise_url(
        self, *, state: str, verifier: str, redirect_uri: str, mobile: str | None = None
    ) -> str:
        """Where the customer gives leave. state comes back and must be compared; verifier stays here till `exchange`.

        mobile (verified before) is filled in for them.
        """
        query = {
            "response_type": "code",
            "client_id": self.settings.credentials["client_id"],
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            "scope": SCOPE,
        }
        if mobile:
            query["verified_mobile"] = mobile
        return f"{self.settings.base_url}/oauth2/1/authorize?{urlencode(query)}"

    def exchange(self, code: str, *, verifier: str, redirect_uri: str) -> Token:
        """The token for a code that came back. Rejected when it was used, is over, or belongs to another verifier."""
        return self._token(
            grant_type="authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier
        )

    def refresh(self, refresh_token: str) -> Token:
        """A new token; the old refresh token is over then."""
        return self._token(grant_type="refresh_token", refresh_token=refresh_token)

    def account(self, token: str) -> Account:
        return self.call("account", _account, headers=_bearer(token), hide=HIDDEN)

    def issued_files(self, token: str) -> tuple[IssuedFile, ...]:
        """Everything in the locker. Rejected with aadhaar_not_linked where there can be nothing."""

        def read(answer: Answer) -> tuple[IssuedFile, ...]:
            return tuple(_issued_file(item) for item in answer.fields.children("items"))

        return self.call("issued_files", read, headers=_bearer(token), hide=HIDDEN)

    def fetch_file(self, token: str, uri: str) -> Download:
        """A document as PDF or picture."""
        return self.call("fetch_file", self._download, path={"uri": uri}, headers=_bearer(token))

    def fetch_xml(self, token: str, uri: str) -> Download:
        """A document as its issuer's signed data."""
        return self.call("fetch_xml", self._download, path={"uri": uri}, headers=_bearer(token))

    def eaadhaar(self, token: str) -> EAadhaar:
        """The Aadhaar. Rejected with aadhaar_not_linked, aadhaar_not_available, or signature_refused where UIDAI did
        not sign it as it came."""
        return self.call(
            "eaadhaar", lambda answer: self._signed(self._download(answer).data), headers=_bearer(token)
        )

    def revoke(self, token: str, hint: str = "refresh_token") -> None:
        """Give the leave back: nothing can be read with it any more."""
        form = {"token": token, "token_type_hint": hint, **self._keys()}
        self.call("revoke", lambda answer: None, content=urlencoded(form, HIDDEN))

    def reason(self, answer: Answer) -> str:
        fields = _error_of(answer)
        return fields.text("error_description", "") or f"HTTP {answer.status}"

    def check(self, operation: Operation, answer: Answer) -> None:
        code = _error_of(answer).identifier("error", str(answer.status)) if answer.status >= 400 else ""
        if code == TOKEN_IS_OVER or (400 <= answer.status < 500 and answer.status not in (401, 403, 429)):
            raise self.rejected(operation, code, self.reason(answer))
        super().check(operation, answer)

    def _token(self, **grant: str) -> Token:
        form = {**grant, **self._keys()}
        return self.call("exchange", _token, content=urlencoded(form, HIDDEN), hide=HIDDEN)

    def _keys(self) -> dict[str, str]:
        credentials = self.settings.credentials
        return {"client_id": credentials["client_id"], "client_secret": credentials["client_secret"]}

    def _signed(self, xml: bytes) -> EAadhaar:
        aadhaar = read_eaadhaar(xml)
        try:
            verify(xml, self.settings.credentials["uidai_certificate"])
        except SignatureRefused as refusal:
            log.warning("the signature of an e-Aadhaar is refused", reason=str(refusal))
            raise self.rejected(self.operations["eaadhaar"], "signature_refused", NOT_SIGNED) from refusal
        return aadhaar

    def _download(self, answer: Answer) -> Download:
        """The bytes, if DigiLocker vouches for exactly them."""
        expected = hmac.digest(
            self.settings.credentials["client_secret"].encode(), answer.body, hashlib.sha256
        )
        given = answer.headers.get(HMAC_HEADER) or ""
        if not hmac.compare_digest(given.encode(), base64.b64encode(expected)):
            raise FieldError(HMAC_HEADER, "is not over these bytes")
        content_type = (answer.headers.get("Content-Type") or "").partition(";")[0].strip()
        return Download(content_type, answer.body)


def new_verifier() -> str:
    """A PKCE verifier: 43 characters that nobody can guess."""
    return secrets.token_urlsafe(32)


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def read_eaadhaar(xml: bytes) -> EAadhaar:
    """UIDAI's KycRes. Raises FieldError."""
    uid_data = _root(xml).find("UidData")
    if uid_data is None:
        raise FieldError("UidData", "missing")
    person = Fields(_attributes(uid_data, "Poi"), "Poi")
    uid = Fields(uid_data.attrib, "UidData").identifier("uid")
    if not uid[-4:].isdecimal():
        raise FieldError("UidData.uid", "expected four digits at its end")
    return EAadhaar(
        name=person.identifier("name"),
        date_of_birth=person.date("dob", AADHAAR_DATE),
        gender=GENDERS[person.one_of("gender", *GENDERS)],
        aadhaar_last4=uid[-4:],
        address={name: value for name, value in _attributes(uid_data, "Poa").items() if value},
        photo=_photo(uid_data),
        xml=xml,
    )


def read_number(xml: bytes) -> str:
    """The number of what a certificate certifies, such as a PAN; empty where it tells none. Raises FieldError."""
    return _root(xml).get("number", "").upper()


class _NoDoctype(ElementTree.TreeBuilder):
    """Entities are declared in a DOCTYPE and could swallow the machine; a KycRes has none."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise FieldError("body", "XML with a document type")


def _root(xml: bytes) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_NoDoctype())
    try:
        parser.feed(xml)
        return parser.close()
    except ElementTree.ParseError as error:
        raise FieldError("body", "not XML") from error


def _attributes(uid_data: ElementTree.Element, tag: str) -> Mapping[str, Any]:
    found = uid_data.find(tag)
    if found is None:
        raise FieldError(tag, "missing")
    return found.attrib


def _photo(uid_data: ElementTree.Element) -> bytes | None:
    text = uid_data.findtext("Pht")
    try:
        return base64.b64decode(text, validate=True) if text else None
    except ValueError:
        raise FieldError("Pht", "not base64") from None


def _token(answer: Answer) -> Token:
    fields = answer.fields
    account = _account(answer)
    return Token(
        access_token=fields.identifier("access_token"),
        refresh_token=fields.identifier("refresh_token", ""),
        expires_in=timedelta(seconds=fields.integer("expires_in", end=10**9)),
        digilocker_id=account.digilocker_id,
        name=account.name,
        date_of_birth=account.date_of_birth,
        gender=account.gender,
        has_eaadhaar=account.has_eaadhaar,
    )


def _account(answer: Answer) -> Account:
    fields = answer.fields
    return Account(
        digilocker_id=fields.identifier("digilockerid", "") or fields.identifier("digilocker_id"),
        name=fields.text("name", ""),
        date_of_birth=fields.date("dob", DATE, default=None),
        gender=GENDERS.get(fields.text("gender", ""), ""),
        has_eaadhaar="Y" in (fields.text("eaadhaar", ""), fields.text("eaadhar", "")),
    )


def _issued_file(item: Fields) -> IssuedFile:
    return IssuedFile(
        uri=item.identifier("uri"),
        doctype=item.identifier("doctype", ""),
        name=item.text("name"),
        issuer=item.text("issuer", ""),
        issuer_id=item.text("issuerid", ""),
        content_types=tuple(item.texts("mime", [])),
    )


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _error_of(answer: Answer) -> Fields:
    try:
        return answer.fields
    except FieldError:
        return Fields({})
