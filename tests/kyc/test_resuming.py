"""Silences, lost answers and impatient fingers: a clear state that is taken up again, and nothing paid for twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
import requests

from app.demo.client import CustomerApp
from app.providers.digitap import DigitapClient
from tests.kyc.brands import new_brand
from tests.kyc.test_bank_account import account, with_pan
from tests.kyc.test_pan import calls
from tests.platform import Platform

AT_ONCE = 4


@dataclass(frozen=True)
class Check:
    """One thing that is asked of Digitap, by its operation; `kind` is that of the attempt."""

    kind: str
    operation: str
    path: str
    body: Callable[[CustomerApp], dict | None]
    status: int = 200
    retried: bool = True


CHECKS = {
    check.operation: check
    for check in (
        Check("PAN", "pan_details", "verify-pan", lambda app: {"pan": app.person["pan"]}),
        Check("MOBILE_TO_PAN", "mobile_prefill", "verify-mobile", lambda app: None, retried=False),
        Check("MOBILE_TO_ADDRESS", "mobile_address", "verify-mobile", lambda app: None, retried=False),
        Check("BANK_ACCOUNT", "penny_drop", "bank-account", account, 201, retried=False),
        Check("EMPLOYMENT", "employment_history", "employment", lambda app: {}, 201),
    )
}


@pytest.fixture(scope="module")
def brand_id(platform: Platform) -> str:
    """A brand of these tests' own: its circuits open for nobody else."""
    return new_brand(platform)


@pytest.fixture
def app(platform: Platform, brand_id: str, check: Check) -> CustomerApp:
    if check.kind == "PAN":
        return platform.customer(brand_id=brand_id)
    return with_pan(platform, brand_id=brand_id)


@pytest.fixture(params=sorted(CHECKS))
def check(request: pytest.FixtureRequest) -> Check:
    return CHECKS[request.param]


def ask(app: CustomerApp, check: Check, expect: int | None = None) -> dict:
    body = check.body(app)
    sent = {} if body is None else {"json": body}
    return app.post(f"/web/kyc/{check.path}", expect=expect or check.status, **sent)


def fail(platform: Platform, check: Check, fault: str, times: int = 1) -> None:
    body = {"provider": "digitap", "operation": check.operation, "fault": fault, "times": times}
    platform.sandbox.call("POST", "/__sandbox__/faults", expect=201, json=body)


def kept(platform: Platform, app: CustomerApp, check: Check) -> list[str]:
    """The states of the attempts, oldest first."""
    found = platform.sql(
        "SELECT status FROM kyc_check WHERE customer_id = %s AND kind = %s ORDER BY id",
        app.get("/web/me")["id"],
        check.kind,
    )
    return [status for (status,) in found]


def answered(platform: Platform, check: Check, brand_id: str) -> int:
    """How many calls got an answer, which is what is paid for."""
    [(count,)] = platform.sql(
        "SELECT count(*) FROM provider_call WHERE brand_id = %s AND operation = %s AND outcome = 'ok'",
        brand_id,
        check.operation,
    )
    return count


@pytest.mark.parametrize("fault", ["500", "malformed", "unauthorised"])
def test_a_silence_is_a_clear_state_that_is_resumed_and_paid_for_once(
    platform: Platform, app: CustomerApp, brand_id: str, check: Check, fault: str
) -> None:
    before = answered(platform, check, brand_id)
    fail(platform, check, fault, times=3 if check.retried and fault == "500" else 1)
    silent = ask(app, check, 503)["error"]
    assert (silent["code"], "Nothing is lost" in silent["message"]) == ("PROVIDER_UNAVAILABLE", True)
    assert kept(platform, app, check) == ["PENDING"]
    ask(app, check)
    assert kept(platform, app, check) == ["PENDING", "VERIFIED"]
    ask(app, check)
    assert answered(platform, check, brand_id) == before + 1


def test_an_answer_that_takes_too_long_is_a_silence(
    platform: Platform, app: CustomerApp, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = DigitapClient.operations[check.operation]
    with monkeypatch.context() as patched:
        patched.setitem(
            DigitapClient.operations, check.operation, replace(operation, timeout_s=0.2, idempotent=False)
        )
        fail(platform, check, "hang")
        ask(app, check, 503)
    ask(app, check)
    assert kept(platform, app, check) == ["PENDING", "VERIFIED"]


def test_many_at_once_are_paid_for_once(platform: Platform, app: CustomerApp, check: Check) -> None:
    before = calls(platform, check.operation)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for answer in [pool.submit(ask, app, check) for _ in range(AT_ONCE)]:
            answer.result()
    assert calls(platform, check.operation) == before + 1
    assert kept(platform, app, check) == ["VERIFIED"]


def test_one_code_submitted_many_times_is_used_once(platform: Platform, brand_id: str) -> None:
    app = with_pan(platform, brand_id=brand_id)
    app.post("/web/kyc/initiate-aadhaar-otp", json={"aadhaar": app.person["aadhaar"]})
    code = platform.sandbox.messages(app.person["phone"])[0]["otp"]
    before = calls(platform, "submit_aadhaar_otp")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [
            pool.submit(app.post, "/web/kyc/submit-aadhaar-otp", json={"otp": code}) for _ in range(AT_ONCE)
        ]
        assert {answer.result()["status"] for answer in asked} == {"VERIFIED"}
    assert calls(platform, "submit_aadhaar_otp") == before + 1


def test_one_state_that_comes_back_many_times_is_used_once(platform: Platform, brand_id: str) -> None:
    app = with_pan(platform, brand_id=brand_id)
    page = app.post("/web/kyc/digilocker", expect=201)["authoriseUrl"]
    allowed = {"action": "allow", "mobile": app.person["phone"]}
    back = app.sandbox.call("POST", page, json=allowed)["redirect"]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(requests.get, back, timeout=30) for _ in range(AT_ONCE)]
        told = sorted(answer.result().status_code for answer in asked)
    assert told == [200] + [409] * (AT_ONCE - 1)
