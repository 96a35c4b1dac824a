"""What the network sees: CORS by brand, security headers, request ids, and which bodies are taken."""

import base64
import gzip
import hashlib
import io
import json
import re

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from app.brands.schemas import BrandSettings
from app.core import bodies, logs
from app.core.bodies import JSON_DEPTH_MAX, depth_of
from app.core.identity import Role
from app.seed import BRANDS
from tests.platform import BRAND, OTHER_BRAND, Platform

HERE, THERE = "https://app.qualoan.example", "https://portal.paisapop.example"
STRANGER = "https://qualoan.example.evil.test"
NO_ORIGINS = (
    *("*", "null", "app.example", "http://app.example", "https://app.example/", "https://app.example\n"),
    *("https://*.example", "https://APP.example", "https://app.example:0", "https://user@app.example"),
)


def send(platform: Platform, method: str, path: str, **request: object) -> requests.Response:
    return requests.request(method, platform.api.base_url + path, timeout=30, **request)


def preflight(platform: Platform, path: str, origin: str, method: str = "POST") -> requests.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    return send(platform, "OPTIONS", path, headers=asked)


def cors(response: requests.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


def test_a_page_of_the_brand_may_read_the_answer(platform: Platform) -> None:
    answer = send(platform, "GET", "/web/brand", headers={"Origin": HERE, "X-Brand-Id": BRAND})
    assert answer.headers["Access-Control-Allow-Origin"] == HERE
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", [THERE, STRANGER, "null", "https://app.qualoan.example:8443", ""])
def test_another_page_gets_no_cors_header(platform: Platform, origin: str) -> None:
    answer = send(platform, "GET", "/web/brand", headers={"Origin": origin, "X-Brand-Id": BRAND})
    assert cors(answer) == {}
    assert "Origin" in answer.headers["Vary"]


def test_the_brand_of_a_token_counts_and_not_that_of_the_header(platform: Platform) -> None:
    headers = platform.customer()._headers | {"X-Brand-Id": OTHER_BRAND}
    assert cors(send(platform, "GET", "/web/me", headers=headers | {"Origin": THERE})) == {}
    assert cors(send(platform, "GET", "/web/me", headers=headers | {"Origin": HERE})) != {}


def test_the_brand_of_the_path_counts_for_staff(platform: Platform) -> None:
    headers = platform.staff(Role.ADMIN)._headers
    path = f"/partner/brand/{BRAND}/loans"
    assert cors(send(platform, "GET", path, headers=headers | {"Origin": THERE})) == {}
    assert cors(send(platform, "GET", path, headers=headers | {"Origin": "https://portal.qualoan.example"}))


def test_an_error_can_be_read_too(platform: Platform) -> None:
    headers = {"Origin": HERE, "X-Brand-Id": BRAND}
    answer = send(platform, "POST", "/web/auth/register", headers=headers, json={})
    assert answer.status_code == 422
    assert answer.headers["Access-Control-Allow-Origin"] == HERE


def test_a_preflight_is_answered_with_what_the_path_takes(platform: Platform) -> None:
    answer = preflight(platform, "/web/auth/register", HERE)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == HERE
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Request-Headers" in answer.headers["Vary"]


def test_a_strangers_preflight_gets_nothing(platform: Platform) -> None:
    assert cors(preflight(platform, "/web/auth/register", STRANGER)) == {}


def test_a_preflight_on_a_brands_path_is_held_to_the_brand(platform: Platform) -> None:
    path = f"/partner/brand/{BRAND}/loans"
    assert cors(preflight(platform, path, THERE, "GET")) == {}
    assert (
        preflight(platform, path, "https://portal.qualoan.example", "GET")
        .headers["Access-Control-Allow-Methods"]
        .startswith("GET")
    )


def test_a_preflight_to_nowhere_is_not_found(platform: Platform) -> None:
    assert preflight(platform, "/nowhere", HERE).status_code == 404


def test_an_origin_of_all_brands_comes_from_the_settings(platform: Platform) -> None:
    everywhere = "https://portal.group.example"
    assert cors(preflight(platform, "/partner/auth/login", everywhere)) == {}
    with platform.set(cors_origins=(everywhere,)):
        for brand_id in (BRAND, OTHER_BRAND):
            headers = {"Origin": everywhere, "X-Brand-Id": brand_id}
            assert cors(send(platform, "GET", "/web/brand", headers=headers)) != {}


@pytest.mark.parametrize("origin", NO_ORIGINS)
def test_what_is_no_origin_is_refused_in_the_settings(origin: str) -> None:
    faults = BrandSettings().validate(BRANDS[BRAND]["settings"] | {"origins": [origin]})
    assert list(faults) == ["origins"]


def test_an_answer_may_load_nothing(platform: Platform) -> None:
    for path in ("/health", "/nowhere", "/openapi.json"):
        headers = send(platform, "GET", path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "script-src" not in headers["Content-Security-Policy"]
        assert headers["X-Frame-Options"] == "DENY"
        assert "max-age" in headers["Strict-Transport-Security"]
        assert headers["Cache-Control"] == "no-store"


def test_the_documentation_runs_its_own_script_and_no_other(platform: Platform) -> None:
    answer = send(platform, "GET", "/docs")
    policy = answer.headers["Content-Security-Policy"]
    script = re.search(rb"<script>(.*?)</script>", answer.content, re.DOTALL)[1]
    assert f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self'" in policy


def test_an_answer_has_an_id_of_ours_and_gives_the_callers_back(platform: Platform) -> None:
    answer = send(platform, "GET", "/health", headers={"X-Correlation-Id": "app-2026.11-0001"})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])
    assert answer.headers["X-Correlation-Id"] == "app-2026.11-0001"


@pytest.mark.parametrize(
    "given_id", ["short", "x" * 65, "with space in it", '{"forged": true}', "-leading-dash"]
)
def test_a_malformed_id_is_left_out(platform: Platform, given_id: str) -> None:
    assert (
        "X-Correlation-Id"
        not in send(platform, "GET", "/health", headers={"X-Correlation-Id": given_id}).headers
    )


def test_each_request_writes_a_line_with_its_ids_and_no_personal_data(platform: Platform) -> None:
    stream = io.StringIO()
    logs.configure("INFO", stream)
    try:
        headers = {"X-Correlation-Id": "app-2026.11-0002"}
        answer = send(platform, "GET", "/web/loans/x?phone=9876543210", headers=headers)
    finally:
        logs.configure("ERROR", io.StringIO())
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    line = next(line for line in lines if line.get("request_id") == answer.headers["X-Request-Id"])
    assert (line["event"], line["status"], line["correlation_id"]) == ("request", 404, "app-2026.11-0002")
    assert "9876543210" not in stream.getvalue()


def test_a_bug_is_told_without_its_trace(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the password is swordfish")

    headers = platform.customer()._headers
    monkeypatch.setattr("app.customers.web.service.get", fails)
    answer = send(platform, "GET", "/web/me", headers=headers)
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "INTERNAL"
    assert not re.search(r"swordfish|Traceback|RuntimeError|\.py", answer.text)


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/xml", "application/x-www-form-urlencoded", None]
)
def test_what_is_not_json_is_refused(platform: Platform, type_: str | None) -> None:
    headers = {"X-Brand-Id": BRAND} | ({"Content-Type": type_} if type_ else {})
    answer = send(platform, "POST", "/web/auth/register", headers=headers, data=b'{"phone": "9876543210"}')
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_packed_body_is_refused(platform: Platform) -> None:
    headers = {"X-Brand-Id": BRAND, "Content-Type": "application/json", "Content-Encoding": "gzip"}
    body = gzip.compress(b'{"phone": "9876543210"}')
    answer = send(platform, "POST", "/web/auth/register", headers=headers, data=body)
    assert (answer.status_code, "Content-Encoding" in answer.json()["error"]["message"]) == (415, True)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "TRACE", "PROPFIND"])
def test_a_method_that_the_path_does_not_take_is_refused(platform: Platform, method: str) -> None:
    headers = {"X-HTTP-Method-Override": "POST", "X-Brand-Id": BRAND}
    answer = send(platform, method, "/web/auth/register", headers=headers)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_json_has_a_limit_of_its_own_and_uploads_theirs(platform: Platform) -> None:
    big = b"x" * (2 * 2**20)
    headers = {"X-Brand-Id": BRAND, "Content-Type": "application/json"}
    assert send(platform, "POST", "/web/auth/register", headers=headers, data=big).status_code == 413
    app = platform.customer()
    file = {"file": ("big.png", big, "image/png")}
    path, form = "/web/kyc/documents", {"kind": "SELFIE"}
    # the file arrives, and is then no picture
    assert send(platform, "POST", path, headers=app._headers, data=form, files=file).status_code == 422
    huge = {"file": ("huge.png", big * 6, "image/png")}
    assert send(platform, "POST", path, headers=app._headers, data=form, files=huge).status_code == 413


def test_a_form_is_taken_only_where_a_view_reads_one(platform: Platform) -> None:
    big = {"file": ("big.png", b"x" * (2 * 2**20), "image/png")}
    headers = {"X-Brand-Id": BRAND}
    assert send(platform, "POST", "/web/auth/register", headers=headers, files=big).status_code == 413
    small = {"file": ("small.png", b"x", "image/png")}
    assert send(platform, "POST", "/web/auth/register", headers=headers, files=small).status_code == 415


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 33 + b"]" * 33])
def test_json_that_is_too_deep_is_refused(platform: Platform, body: bytes) -> None:
    headers = {"X-Brand-Id": BRAND, "Content-Type": "application/json"}
    answer = send(platform, "POST", "/web/auth/register", headers=headers, data=body)
    assert answer.status_code == 400
    assert "deeper" in answer.json()["error"]["message"]


def test_json_is_utf_8(platform: Platform) -> None:
    # in UTF-16 the letter looks like a quotation mark, and what follows like a text
    body = ('{"phone": "\u2200", "deep": ' + "[" * 100_000).encode("utf-16-le")
    headers = {"X-Brand-Id": BRAND, "Content-Type": "application/json"}
    answer = send(platform, "POST", "/web/auth/register", headers=headers, data=body)
    assert (answer.status_code, answer.json()["error"]["fields"]) == (400, {"body": ["Invalid JSON body."]})


def test_what_breaks_off_is_not_taken_for_the_whole() -> None:
    sent = bodies._Sent(io.BytesIO(b"{}"), 50, 99)
    assert sent.read(9) == b"{}"
    with pytest.raises(BadRequest):
        sent.read(9)
    assert bodies._Sent(io.BytesIO(b"{}"), 2, 99).read() == b"{}"
    with pytest.raises(RequestEntityTooLarge):
        bodies._Sent(io.BytesIO(b"{}"), 0, 1).read()


def test_chunks_that_are_none_are_the_callers_fault() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise RuntimeError("the server's own error")

    with pytest.raises(BadRequest):
        bodies._Sent(Broken(), 0, 99).read()


def test_nothing_that_was_sent_is_left_out_in_silence(platform: Platform) -> None:
    app = platform.customer()
    picture = ("a.png", b"\x89PNG\r\n\x1a\n", "image/png")
    for form, files, field in (
        ([("kind", "SELFIE")], [("file", picture), ("file", picture)], "file"),
        ([("kind", "SELFIE"), ("kind", "PHOTO")], [("file", picture)], "kind"),
        ([("kind", "SELFIE")], [("file", picture), ("other", picture)], "other"),
    ):
        answer = send(platform, "POST", "/web/kyc/documents", headers=app._headers, data=form, files=files)
        assert (answer.status_code, [*answer.json()["error"]["fields"]]) == (422, [field])


JSON = st.recursive(
    st.none() | st.text() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


def levels(value: object) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(levels, value), default=0) if isinstance(value, list) else 0


@given(JSON, st.booleans())
def test_depth_is_counted_outside_of_strings(value: object, ascii_: bool) -> None:
    body = json.dumps(["[" * (JSON_DEPTH_MAX + 1), value], ensure_ascii=ascii_).encode(errors="replace")
    assert depth_of(body) == 1 + levels(value)


def test_a_string_without_an_end_is_read_once() -> None:
    assert depth_of(b"[" * 40 + b'"' + b'\\"' * 400_000) == 40
