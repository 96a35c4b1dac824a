"""PAN: looked up once, fills in who the customer is, and belongs to one customer of a brand."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.platform import OTHER_BRAND, Platform, new_pan


def calls(platform: Platform, operation: str) -> int:
    """How often the provider was asked."""
    found = platform.sandbox.call(
        "GET", "/__sandbox__/calls", params={"provider": "digitap", "operation": operation}
    )
    return len(found["calls"])


def attempts(platform: Platform, customer_id: str) -> list[tuple]:
    return platform.sql("SELECT kind, status FROM kyc_check WHERE customer_id = %s ORDER BY id", customer_id)


def test_it_works(platform: Platform) -> None:
    app = platform.customer()
    pan = app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    assert pan["status"] == "VERIFIED"
    assert (pan["name"], pan["dateOfBirth"]) == (app.person["name"], app.person["dateOfBirth"])


def test_the_profile_is_filled_in_from_it(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"].lower()})
    me = app.get("/web/me")
    assert (me["name"], me["gender"]) == (app.person["name"], app.person["gender"])
    pan = app.person["pan"]
    assert me["pan"] == f"{pan[:3]}xxxxx{pan[-2:]}"


def test_the_same_pan_again_is_not_paid_for_again(platform: Platform) -> None:
    app = platform.customer()
    first = app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    before = calls(platform, "pan_details")
    assert app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]}) == first
    assert calls(platform, "pan_details") == before


def test_another_pan_after_it_is_refused(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    refused = app.post("/web/kyc/verify-pan", expect=409, json={"pan": new_pan("GOO")})
    assert refused["error"]["code"] == "PAN_VERIFIED"


def test_a_pan_that_does_not_exist_is_refused_by_field_and_kept(platform: Platform) -> None:
    app = platform.customer()
    refused = app.post("/web/kyc/verify-pan", expect=422, json={"pan": new_pan("XXX")})
    assert list(refused["error"]["fields"]) == ["pan"]
    assert attempts(platform, app.get("/web/me")["id"]) == [("PAN", "REJECTED")]


def test_the_pan_of_another_customer_is_refused_and_the_attempt_kept(platform: Platform) -> None:
    owner, other = platform.customer(), platform.customer()
    owner.post("/web/kyc/verify-pan", json={"pan": owner.person["pan"]})
    refused = other.post("/web/kyc/verify-pan", expect=409, json={"pan": owner.person["pan"]})
    assert refused["error"]["code"] == "PAN_TAKEN"
    assert attempts(platform, other.get("/web/me")["id"]) == [("PAN", "REJECTED")]
    assert other.get("/web/me")["pan"] is None


def test_another_brand_may_have_the_same_person(platform: Platform) -> None:
    pan = new_pan("GOO")
    for brand_id in (platform.customer(pan).brand_id, OTHER_BRAND):
        app = platform.customer(pan, brand_id)
        assert app.post("/web/kyc/verify-pan", json={"pan": pan})["status"] == "VERIFIED"


@pytest.mark.parametrize("fault", ["malformed", "unauthorised"])
def test_an_outage_is_a_clear_state_that_can_be_resumed(platform: Platform, fault: str) -> None:
    app = platform.customer()
    platform.sandbox.call(
        "POST",
        "/__sandbox__/faults",
        expect=201,
        json={"provider": "digitap", "fault": fault, "match": app.person["pan"]},
    )
    silent = app.post("/web/kyc/verify-pan", expect=503, json={"pan": app.person["pan"]})
    assert silent["error"]["code"] == "PROVIDER_UNAVAILABLE"
    assert app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})["status"] == "VERIFIED"
    assert attempts(platform, app.get("/web/me")["id"]) == [("PAN", "PENDING"), ("PAN", "VERIFIED")]


def test_searching_through_pans_ends(platform: Platform) -> None:
    app = platform.customer()
    for _ in range(10):
        app.post("/web/kyc/verify-pan", expect=422, json={"pan": new_pan("XXX")})
    refused = app.post("/web/kyc/verify-pan", expect=429, json={"pan": app.person["pan"]})
    assert refused["error"]["code"] == "KYC_LIMIT"


def test_two_requests_at_once_are_paid_for_once(platform: Platform) -> None:
    app = platform.customer()
    before = calls(platform, "pan_details")
    with ThreadPoolExecutor(2) as pool:
        answers = [
            pool.submit(app.post, "/web/kyc/verify-pan", json={"pan": app.person["pan"]}) for _ in "12"
        ]
    assert {answer.result()["status"] for answer in answers} == {"VERIFIED"}
    assert calls(platform, "pan_details") == before + 1
