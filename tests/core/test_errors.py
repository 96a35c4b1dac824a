"""One error shape for the whole API, whatever goes wrong, and never a 500 for bad input."""

import pytest
import requests

from app.demo.client import Portal
from tests.platform import BRAND, Platform

HEADERS = {"X-Brand-Id": BRAND}


def send(platform: Platform, method: str, path: str, **request: object) -> requests.Response:
    return requests.request(method, platform.api.base_url + path, timeout=30, **request)


@pytest.mark.parametrize(
    ("method", "path", "request_", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("PUT", "/web/auth/register", {}, 405),
        ("POST", "/web/auth/register", {"data": b"{not json", "headers": HEADERS}, 400),
        ("POST", "/web/auth/register", {"data": b"\xff\xfe", "headers": HEADERS}, 400),
        ("POST", "/web/auth/register", {"json": [], "headers": HEADERS}, 422),
        ("POST", "/web/auth/register", {"json": {"phone": {"$ne": ""}}, "headers": HEADERS}, 422),
        (
            "POST",
            "/web/auth/register",
            {"json": {"phone": "9876543210", "role": "ADMIN"}, "headers": HEADERS},
            422,
        ),
        ("POST", "/web/auth/register", {"json": {"phone": "9876543210"}}, 422),
        ("GET", "/web/me", {"headers": {"Authorization": "Bearer x.y.z"}}, 401),
        ("GET", "/web/me", {"headers": {"Authorization": "Basic eDp5"}}, 401),
        ("GET", "/web/loans/not-a-uuid", {}, 404),
    ],
)
def test_bad_requests(platform: Platform, method: str, path: str, request_: dict, status: int) -> None:
    content_type = {"Content-Type": "application/json"} if "data" in request_ else {}
    request_ = {**request_, "headers": {**request_.get("headers", {}), **content_type}}
    response = send(platform, method, path, **request_)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"]
    assert error["message"]
    assert error["requestId"] == response.headers["X-Request-Id"]


def test_too_large_a_body_is_refused(platform: Platform) -> None:
    body = b'{"phone": "' + b"9" * (11 * 2**20) + b'"}'
    response = send(
        platform,
        "POST",
        "/web/auth/register",
        data=body,
        headers={**HEADERS, "Content-Type": "application/json"},
    )
    assert response.status_code == 413
    assert response.json()["error"]["code"]


def test_fields_are_named_in_camel_case(platform: Platform) -> None:
    app = platform.customer()
    refused = app.post(
        "/web/loans", once=True, expect=422, json={"amount": "-5", "tenureDays": "x", "purpose": "?"}
    )
    assert set(refused["error"]["fields"]) == {"amount", "tenureDays", "purpose"}


@pytest.mark.parametrize("amount", ["1e9999", "NaN", "10000.001", "1" * 40, True, None, [], {}])
def test_a_bad_amount_is_named(platform: Platform, amount: object) -> None:
    app = platform.customer()
    body = {"amount": amount, "tenureDays": 20, "purpose": "MEDICAL"}
    assert "amount" in app.post("/web/loans", once=True, expect=422, json=body)["error"]["fields"]


@pytest.mark.parametrize(
    "query", ["page=0", "pageSize=1000", "page=x", "sort=phone", "unknown=1", "status=NOPE"]
)
def test_a_bad_query_is_named(platform: Platform, query: str) -> None:
    refused = platform.staff().get(f"/loans?{query}", expect=422)
    assert query.split("=")[0] in refused["error"]["fields"]


def test_pages_are_stable_and_complete(platform: Platform) -> None:
    for _ in range(3):
        platform.customer()
    portal = platform.staff()
    few, many = all_pages(portal, 2), all_pages(portal, 100)
    assert few == many
    assert len(set(few)) == len(few) >= 3


def all_pages(portal: Portal, size: int) -> list[str]:
    """The ids of all customers, read in pages of this size."""
    params = {"pageSize": size, "sort": "customerNo"}
    total = portal.get("/customers", params=params)["pagination"]["total"]
    pages = range(1, -(-total // size) + 1)
    return [
        item["id"]
        for page in pages
        for item in portal.get("/customers", params={**params, "page": page})["items"]
    ]


def test_security_headers_are_always_there(platform: Platform) -> None:
    for path in ("/health", "/nowhere"):
        headers = send(platform, "GET", path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Access-Control-Allow-Origin" not in headers


def test_swagger_ui_is_served_from_here(platform: Platform) -> None:
    page = send(platform, "GET", "/docs").text
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    for line in page.splitlines():
        if "/docs/assets/" in line:
            asset = line[line.index("/docs/assets/") :].split('"')[0]
            assert send(platform, "GET", asset).status_code == 200
