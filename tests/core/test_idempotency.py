"""Wall: the same request twice happens once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from tests.platform import Platform

BODY = {"amount": "12000", "tenureDays": 20, "purpose": "MEDICAL"}


def apply(app: Any, key: str, body: dict[str, Any] = BODY) -> requests.Response:
    headers = app._headers | {"Idempotency-Key": key}
    return requests.post(f"{app.api.base_url}/web/loans", json=body, headers=headers, timeout=30)


def test_it_works(platform: Platform) -> None:
    app = platform.customer()
    first, second = apply(app, "one"), apply(app, "one")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert second.headers["Idempotency-Hit"] == "true"
    assert len(app.get("/web/loans")) == 1


def test_another_body_under_the_same_key_is_refused(platform: Platform) -> None:
    app = platform.customer()
    apply(app, "one")
    other = apply(app, "one", BODY | {"amount": "13000"})
    assert (other.status_code, other.json()["error"]["code"]) == (422, "KEY_REUSED")


def test_a_key_is_needed(platform: Platform) -> None:
    app = platform.customer()
    refused = app.post("/web/loans", expect=422, json=BODY)
    assert refused["error"]["code"] == "KEY_REQUIRED"


def test_two_customers_may_use_the_same_key(platform: Platform) -> None:
    first, second = apply(platform.customer(), "mine"), apply(platform.customer(), "mine")
    assert first.json()["id"] != second.json()["id"]


def test_a_refused_request_does_not_use_its_key_up(platform: Platform) -> None:
    app = platform.customer()
    assert apply(app, "again", BODY | {"amount": "1"}).status_code == 422
    assert apply(app, "again").status_code == 201


def test_at_once_it_still_happens_once(platform: Platform) -> None:
    app = platform.customer()
    with ThreadPoolExecutor(4) as pool:
        statuses = [r.status_code for r in pool.map(lambda _: apply(app, "race"), range(4))]
    assert set(statuses) <= {201, 409}
    assert len(app.get("/web/loans")) == 1
