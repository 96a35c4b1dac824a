"""A plain HTTP client of the platform: what the customer app and the partner portal would do, and nothing else."""

import base64
import hmac
import struct
import time
import uuid
import zlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

import requests

from app.seed import DEMO_AUTHENTICATOR

T = TypeVar("T")
TIMEOUT_S = 30
PATIENCE_S = 60
POLL_S = 0.1


class NotAsExpected(Exception):
    """A step did not go as it must; the text says what was asked and what came."""


class Http:
    """One base URL. Every call says which status it expects."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy on the way to this machine

    def call(
        self,
        method: str,
        path: str,
        *,
        expect: int = 200,
        headers: dict[str, str] | None = None,
        **request: Any,
    ) -> Any:
        """The JSON of the answer, or its bytes where it is something else. Raises NotAsExpected."""
        url = path if path.startswith("http") else self.base_url + path
        response = self._session.request(method, url, headers=headers or {}, timeout=TIMEOUT_S, **request)
        if response.status_code != expect:
            raise NotAsExpected(
                f"{method} {path} answered {response.status_code}, expected {expect}: {response.text[:500]}"
            )
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        return response.json() if is_json and response.content else response.content


class Sandbox(Http):
    """The world outside: mailboxes and phones, the bank's and the signer's pages."""

    def person(self, pan: str) -> dict[str, Any]:
        """Who has this PAN: phone, Aadhaar, account."""
        return self.call("GET", "/__sandbox__/personas", params={"pan": pan})["personas"][0]

    def messages(self, to: str) -> list[dict[str, Any]]:
        """SMS and mails to a phone or address, newest first."""
        return self.call("GET", "/__sandbox__/messages", params={"to": to})["messages"]

    def code_sent_to(self, phone: str, seen: set[str]) -> str:
        """The newest one-time code that is not in `seen`."""

        def newest() -> str | None:
            codes = [message["otp"] for message in self.messages(phone) if message["otp"]]
            return next((code for code in codes if code not in seen), None)

        code = wait_for(newest, f"a code by SMS to {phone}")
        seen.add(code)
        return code


class CustomerApp:
    """One customer of one brand, signed in with their own phone."""

    def __init__(self, api: Http, sandbox: Sandbox, brand_id: str, person: dict[str, Any]) -> None:
        self.api, self.sandbox, self.brand_id, self.person = api, sandbox, brand_id, person
        self._codes: set[str] = set()
        self._headers = {"X-Brand-Id": brand_id}

    def sign_in(self) -> dict[str, Any]:
        """Register the phone, read the code off it, exchange it for tokens."""
        phone = self.person["phone"]
        self._codes |= {message["otp"] for message in self.sandbox.messages(phone) if message["otp"]}
        self.post("/web/auth/register", expect=202, json={"phone": phone, "utm": {"source": "google"}})
        code = self.sandbox.code_sent_to(phone, self._codes)
        tokens = self.post(
            "/web/auth/verify-otp", json={"phone": phone, "otp": code, "deviceId": f"device-of-{phone}"}
        )
        self._headers = {"Authorization": f"Bearer {tokens['accessToken']}"}
        return tokens["user"]

    def confirm_aadhaar(self) -> dict[str, Any]:
        """Ask for the Aadhaar OTP, read it off the phone, submit it."""
        self.post("/web/kyc/initiate-aadhaar-otp", json={"aadhaar": self.person["aadhaar"]})
        code = self.sandbox.code_sent_to(self.person["phone"], self._codes)
        return self.post("/web/kyc/submit-aadhaar-otp", json={"otp": code})

    def upload(self, kind: str, filename: str, data: bytes) -> dict[str, Any]:
        """Send one document."""
        return self.post(
            "/web/kyc/documents",
            expect=201,
            data={"kind": kind},
            files={"file": (filename, data, "image/png")},
        )

    def get(self, path: str, **request: Any) -> Any:
        return self.api.call("GET", path, headers=self._headers, **request)

    def post(self, path: str, *, once: bool = False, **request: Any) -> Any:
        """`once`: with an Idempotency-Key."""
        return self.api.call("POST", path, headers=self._headers | _key(once), **request)

    def put(self, path: str, **request: Any) -> Any:
        return self.api.call("PUT", path, headers=self._headers, **request)

    def patch(self, path: str, **request: Any) -> Any:
        return self.api.call("PATCH", path, headers=self._headers, **request)


class Authenticator:
    """The app on somebody's phone that tells codes (RFC 6238), none of them twice."""

    PERIOD_S = 30

    def __init__(self, seed: str) -> None:
        self._key = base64.b32decode(seed)
        self._last = 0

    def code(self) -> str:
        """The code of this half minute or, where that was told before, of the next."""
        self._last = max(self._last + 1, self._step())
        while self._last > self._step() + 1:  # the platform takes a code half a minute early, no more
            time.sleep(POLL_S)
        digest = hmac.digest(self._key, struct.pack(">Q", self._last), "sha1")
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06d}"

    def _step(self) -> int:
        return int(time.time()) // self.PERIOD_S


# by e-mail; the seeded staff come with theirs
_AUTHENTICATORS: dict[str, Authenticator] = defaultdict(lambda: Authenticator(DEMO_AUTHENTICATOR))


class Portal:
    """One member of staff, signed in with e-mail, password and a code where asked for, at work for one brand."""

    def __init__(self, api: Http, email: str, password: str, brand_id: str) -> None:
        self.api, self.brand_id = api, brand_id
        self.email, self.device = email, {"deviceFingerprint": f"browser-of-{email}"}
        answer = self._step("login", email=email, password=password)
        if answer["next"] != "SIGNED_IN":
            answer = self._second_step(answer)
        self.user, self.refresh_token = answer["user"], answer["refreshToken"]
        self._headers = {"Authorization": f"Bearer {answer['accessToken']}", "X-Brand-Id": brand_id}

    def _second_step(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The code of their authenticator; somebody new sets one up first."""
        challenge = {"challengeToken": answer["challengeToken"]}
        if answer["next"] == "SECOND_FACTOR":
            return self._step("second-factor", **challenge, code=_AUTHENTICATORS[self.email].code())
        shown = self._step("second-factor/enrol", **challenge)
        phone = _AUTHENTICATORS[self.email] = Authenticator(shown["secret"])
        return self._step("second-factor/confirm", **challenge, code=phone.code())

    def _step(self, path: str, **body: str) -> dict[str, Any]:
        return self.api.call("POST", f"/partner/auth/{path}", json=body | self.device)

    def path(self, rest: str) -> str:
        return f"/partner/brand/{self.brand_id}{rest}"

    def get(self, rest: str, **request: Any) -> Any:
        return self.api.call("GET", self.path(rest), headers=self._headers, **request)

    def post(self, rest: str, *, once: bool = False, **request: Any) -> Any:
        return self.api.call("POST", self.path(rest), headers=self._headers | _key(once), **request)

    def send(self, method: str, rest: str, **request: Any) -> Any:
        """Any other method below /partner/brand/<brand>."""
        return self.call(method, self.path(rest), **request)

    def call(self, method: str, path: str, **request: Any) -> Any:
        """A path outside of /partner/brand/<brand>."""
        return self.api.call(method, path, headers=self._headers, **request)


def _key(once: bool) -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())} if once else {}


def wait_for(look: Callable[[], T | None], what: str, patience_s: float = PATIENCE_S) -> T:
    """What `look` returns once it is not None or False. Raises NotAsExpected when it takes too long."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(POLL_S)
    raise NotAsExpected(f"waited {patience_s:.0f} s in vain for {what}")


def picture(red: int, green: int, blue: int, side: int = 64) -> bytes:
    """A PNG of one colour, to upload where a photo is asked for."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((red, green, blue)) * side) * side
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
